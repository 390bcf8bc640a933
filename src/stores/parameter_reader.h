#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.h"
#include "manifest/secret_provider_class.h"

namespace keyferry::stores {

// A boolean in the words of Go's strconv.ParseBool.
std::optional<bool> bool_of(std::string_view text);

// Reads spec.parameters for one store; complaints name file, line, class, parameter and remedy.
// References outlive it.
class ParameterReader {
 public:
  ParameterReader(const manifest::SecretProviderClass& spc, std::string_view provider,
                  Problems& problems)
      : spc_(spc), provider_(provider), problems_(problems) {}

  // A name that nearly is a known one was meant for us, and what it carries would be lost in
  // silence: an error. `retired` ones are read by nobody any more, and any other is unknown:
  // warnings.
  void check_names(const std::vector<std::string_view>& known,
                   const std::vector<std::string_view>& retired) const;

  // Without white space at its ends; "" when absent.
  std::string text(std::string_view name) const;
  // A boolean in the words of Go's strconv.ParseBool; false when absent or complained about.
  bool flag(std::string_view name) const;

  void error(std::string_view name, std::string message, std::string remedy) const;
  void warning(std::string_view name, std::string message, std::string remedy) const;

 private:
  void complain(Severity severity, std::string_view name, std::string message,
                std::string remedy) const;

  const manifest::SecretProviderClass& spc_;
  std::string_view provider_;
  Problems& problems_;
};

}  // namespace keyferry::stores
