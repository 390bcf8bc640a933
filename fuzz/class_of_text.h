#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include "manifest/secret_provider_class.h"

namespace keyferry::fuzz {

inline constexpr int kObjectsLine = 20;

// A SecretProviderClass of a provider. The input is the text of `objects`; before it lines
// "#PARAMETER VALUE" may set others than the given ones.
inline manifest::SecretProviderClass class_of_text(std::string_view provider,
                                                   const std::map<std::string, std::string>& given,
                                                   std::string_view input) {
  manifest::SecretProviderClass spc;
  spc.meta.kind = "SecretProviderClass";
  spc.meta.name = "shop";
  spc.meta.file = "spc.yaml";
  spc.provider = provider;
  for (const auto& [name, value] : given) spc.parameters[name] = {value, 2};
  while (input.starts_with('#')) {
    const std::string_view line = input.substr(1, input.find('\n') - 1);
    input.remove_prefix(std::min(input.size(), line.size() + 2));
    const auto blank = std::min(line.find(' '), line.size());
    spc.parameters[std::string(line.substr(0, blank))] = {std::string(line.substr(blank)), 4};
  }
  spc.parameters["objects"] = {std::string(input), kObjectsLine};
  return spc;
}

}  // namespace keyferry::fuzz
