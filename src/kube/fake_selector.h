#pragma once

#include <string_view>

#include "base/strings.h"
#include "formats/json.h"

// Selectors as the fake API server takes them.
namespace keyferry::kube::fake {

// "a=b,c!=d,e,!f" on metadata.labels.
inline bool matches_labels(const Json& object, std::string_view selector) {
  const Json* meta = object.find("metadata");
  const Json* labels = meta == nullptr ? nullptr : meta->find("labels");
  for (const std::string_view term : split(selector, ',')) {
    if (term.empty()) continue;
    const auto equal = term.find('=');
    const bool negated = term.starts_with('!') || (equal != term.npos && term[equal - 1] == '!');
    std::string_view key = term.substr(term.starts_with('!') ? 1 : 0, equal);
    if (key.ends_with('!')) key.remove_suffix(1);
    const bool present = labels != nullptr && labels->find(key) != nullptr;
    bool meets = present;
    if (equal != term.npos) meets = present && labels->text_of(key) == term.substr(equal + 1);
    if (meets == negated) return false;
  }
  return true;
}

// "spec.nodeName=node1,metadata.name!=web".
inline bool matches_fields(const Json& object, std::string_view selector) {
  for (const std::string_view term : split(selector, ',')) {
    if (term.empty()) continue;
    const auto equal = term.find('=');
    const bool negated = equal > 0 && term[equal - 1] == '!';
    const auto path = split(term.substr(0, negated ? equal - 1 : equal), '.');
    const Json* value = &object;
    for (std::size_t i = 0; value != nullptr && i + 1 < path.size(); ++i) {
      value = value->find(path[i]);
    }
    const std::string_view text =
        value == nullptr ? std::string_view() : value->text_of(path.back());
    if ((text == term.substr(equal + 1)) == negated) return false;
  }
  return true;
}

}  // namespace keyferry::kube::fake
