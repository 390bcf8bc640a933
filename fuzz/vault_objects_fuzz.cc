// spec.parameters of provider vault, and the same as one of openbao (class_of_text.h).
#include "base/mount_path.h"
#include "fuzz/class_of_text.h"
#include "fuzz/promise.h"
#include "stores/store.h"

namespace keyferry::fuzz {
namespace {

void check(std::string_view provider, std::string_view text) {
  const auto spc =
      class_of_text(provider, {{"vaultAddress", "https://vault:8200"}, {"roleName", "shop"}}, text);
  const auto checked = stores::store_kind_of(provider)->check(spc);
  const int lines = kObjectsLine + line_count(spc.parameter("objects"));
  promise_good(checked.problems, lines);
  if (has_errors(checked.problems)) return;
  promise(!checked.files.empty() || checked.more_files, "a class without errors has files");
  std::vector<std::string_view> files;
  for (const stores::PlannedFile& file : checked.files) {
    promise(file.line >= kObjectsLine && file.line <= lines, "a file's line is in the text");
    files.push_back(file.name);
  }
  promise(mount_path_faults(files).empty(), "files fit into one mount");
}

}  // namespace
}  // namespace keyferry::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  keyferry::fuzz::check("vault", text);
  keyferry::fuzz::check("openbao", text);
  return 0;
}
