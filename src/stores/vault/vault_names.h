#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "manifest/secret_provider_class.h"
#include "stores/parameter_reader.h"

namespace keyferry::stores::vault {

// What the parameters of a class are called: vaultX for provider vault (csi.md 6.2), and for
// provider openbao the first of baoX, openbaoX and vaultX that is there (6.8). The class outlives
// it.
class Names {
 public:
  explicit Names(const manifest::SecretProviderClass& spc);

  // Of "Address" and the like: the name that is there, else the first it may have.
  std::string of(std::string_view name) const;
  std::string role() const;
  std::vector<std::string> all() const;
  // Read by nobody any more, and harmless.
  static const std::vector<std::string_view>& retired();
  // Warns where the same parameter is there by several names.
  void check_doubles(const ParameterReader& parameters) const;

 private:
  const manifest::SecretProviderClass& spc_;
  bool is_openbao_;
  std::vector<std::string_view> prefixes_;
};

}  // namespace keyferry::stores::vault
