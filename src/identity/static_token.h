#pragma once

#include <atomic>

#include "identity/token_source.h"

namespace keyferry {

// The same token for every audience, for tests; counts how often it was asked.
class StaticToken final : public TokenSource {
 public:
  explicit StaticToken(std::string token) : token_(std::move(token)) {}

  Result<Secret> token(const std::string& audience) override {
    ++asked_;
    last_audience_ = audience;
    return Secret(token_);
  }
  int asked() const { return asked_; }
  const std::string& last_audience() const { return last_audience_; }

 private:
  std::string token_;
  std::string last_audience_;
  std::atomic<int> asked_ = 0;
};

}  // namespace keyferry
