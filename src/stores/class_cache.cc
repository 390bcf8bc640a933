#include "stores/class_cache.h"

#include <vector>

#include "base/strings.h"

namespace keyferry::stores {

std::string class_key(const manifest::SecretProviderClass& spc) {
  std::string key = cat(spc.meta.file, '\n', spc.meta.display_name());
  for (const auto& [name, parameter] : spc.parameters) {
    key += cat('\n', name, ':', parameter.line, ':', parameter.value.size(), ':', parameter.value);
  }
  return key;
}

std::string text_of_errors(const Problems& problems) {
  std::vector<std::string> lines;
  for (const Problem& problem : problems) {
    if (problem.severity == Severity::kError) lines.push_back(to_text(problem));
  }
  return join(lines, "\n");
}

}  // namespace keyferry::stores
