// spec.parameters of provider azure (class_of_text.h).
#include "fuzz/class_of_text.h"
#include "fuzz/promise.h"
#include "stores/azure/azure_config.h"

namespace keyferry::fuzz {
namespace {

using stores::azure::AzureConfig;
using stores::azure::ObjectSpec;

bool is_part_of_a_path(std::string_view text) {
  return text.find_first_not_of(
             "0123456789-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") ==
         std::string_view::npos;
}

void check_object(const ObjectSpec& object, const AzureConfig& config) {
  promise(!object.name.empty() && is_part_of_a_path(object.name), "a name fits into a path");
  promise(is_part_of_a_path(object.version), "a version fits into a path");
  promise(!object.file.empty() && object.file.find("..") == std::string::npos,
          "a file is inside the mount");
  promise(object.history >= 1, "a history has a version");
  promise(object.has_history() || file_count(object, config) == 1, "one version is one file");
  promise(!object.mode || *object.mode <= 0777, "a mode has permission bits only");
  promise(object.line >= kObjectsLine, "an object's line is in the text");
}

void check(std::string_view text) {
  const auto spc =
      class_of_text("azure", {{"keyvaultName", "shop"}, {"tenantID", "contoso.com"}}, text);
  const auto parsed = stores::azure::parse_config(spc);
  const int lines = kObjectsLine + line_count(spc.parameter("objects"));
  promise_good(parsed.problems, lines);
  if (has_errors(parsed.problems)) return;
  promise(!parsed.config.objects.empty(), "a class without errors has objects");
  promise(is_part_of_a_path(parsed.config.vault), "a vault's name fits into a host's");
  for (const ObjectSpec& object : parsed.config.objects) check_object(object, parsed.config);
}

}  // namespace
}  // namespace keyferry::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  keyferry::fuzz::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
