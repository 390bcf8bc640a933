// spec.parameters of provider aws (class_of_text.h).
#include "base/mount_path.h"
#include "fuzz/class_of_text.h"
#include "fuzz/promise.h"
#include "stores/aws/aws_config.h"
#include "stores/aws/aws_files.h"
#include "stores/aws/aws_wire.h"

namespace keyferry::fuzz {
namespace {

using stores::aws::AwsConfig;
using stores::aws::ObjectSpec;
using stores::aws::ObjectType;

void check_object(const ObjectSpec& object, const AwsConfig& config) {
  promise(!object.name.empty() && object.name == object.query.id, "a name is what is asked for");
  promise(!object.mode || *object.mode <= 0777, "a mode has permission bits only");
  promise(object.line >= kObjectsLine, "an object's line is in the text");
  promise(!object.failover || !config.failover_region.empty(), "another object needs a region");
  promise(object.type == ObjectType::kSecret || object.query.version.empty() ||
              object.query.label.empty(),
          "a parameter has one selector");
  for (const auto& part : object.parts) promise(part.path != nullptr, "a part has its expression");
  promise(!parameter_name_of(object.query).empty(), "a parameter has a name");
}

void check(std::string_view text) {
  const auto spc = class_of_text("aws", {{"region", "eu-west-1"}}, text);
  const auto parsed = stores::aws::parse_config(spc);
  promise_good(parsed.problems, kObjectsLine + line_count(spc.parameter("objects")));
  if (has_errors(parsed.problems)) return;
  promise(!parsed.config.objects.empty(), "a class without errors has objects");
  std::vector<std::string> files;
  for (const ObjectSpec& object : parsed.config.objects) {
    check_object(object, parsed.config);
    for (std::string& file : planned_files(object)) files.push_back(std::move(file));
  }
  promise(mount_path_faults({files.begin(), files.end()}).empty(), "files fit into one mount");
}

}  // namespace
}  // namespace keyferry::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  keyferry::fuzz::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
