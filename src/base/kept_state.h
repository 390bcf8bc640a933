#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace keyferry {

// Small texts by name that outlive the program but never reach a disk: logins and leases, what a
// runtime was given. Any thread may call.
class KeptState {
 public:
  virtual ~KeptState() = default;
  virtual Result<Secret> load(const std::string& name) = 0;  // kNotFound where there is none
  virtual Status save(const std::string& name, const Secret& text) = 0;
  virtual Status erase(const std::string& name) = 0;  // good where there is none
  virtual Result<std::vector<std::string>> names() = 0;
};

}  // namespace keyferry
