#include "stores/parameter_reader.h"

#include <algorithm>

#include "base/strings.h"
#include "stores/object_list.h"

namespace keyferry::stores {

namespace {

bool contains(const std::vector<std::string_view>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::optional<bool> bool_of(std::string_view text) {
  for (const std::string_view word : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (text == word) return true;
  }
  for (const std::string_view word : {"0", "f", "F", "false", "FALSE", "False"}) {
    if (text == word) return false;
  }
  return std::nullopt;
}

void ParameterReader::check_names(const std::vector<std::string_view>& known,
                                  const std::vector<std::string_view>& retired) const {
  for (const auto& [name, parameter] : spc_.parameters) {
    if (name != "objects" && parameter.value.size() > kLongestText) {
      error(name, cat("is ", parameter.value.size(), " bytes long"),
            cat("write at most ", kLongestText));
    }
    if (contains(known, name)) continue;
    if (contains(retired, name)) {
      warning(name, "is no longer read", "remove it");
      continue;
    }
    const std::string_view near = nearest_name(name, known);
    complain(near.empty() ? Severity::kWarning : Severity::kError, name,
             cat("is not a parameter of the ", provider_, " provider"),
             near.empty() ? std::string("remove it") : cat("did you mean '", near, "'?"));
  }
}

std::string ParameterReader::text(std::string_view name) const {
  return std::string(trim(spc_.parameter(name)));
}

bool ParameterReader::flag(std::string_view name) const {
  const std::string value = text(name);
  if (value.empty()) return false;
  const auto parsed = bool_of(value);
  if (!parsed) error(name, cat("'", value, "' is not a boolean"), "write true or false");
  return parsed.value_or(false);
}

void ParameterReader::error(std::string_view name, std::string message, std::string remedy) const {
  complain(Severity::kError, name, std::move(message), std::move(remedy));
}

void ParameterReader::warning(std::string_view name, std::string message,
                              std::string remedy) const {
  complain(Severity::kWarning, name, std::move(message), std::move(remedy));
}

void ParameterReader::complain(Severity severity, std::string_view name, std::string message,
                               std::string remedy) const {
  const auto found = spc_.parameters.find(name);
  problems_.push_back({severity, spc_.meta.file,
                       found == spc_.parameters.end() ? spc_.provider_line : found->second.line,
                       spc_.meta.display_name(), cat("spec.parameters.", name), std::move(message),
                       std::move(remedy)});
}

}  // namespace keyferry::stores
