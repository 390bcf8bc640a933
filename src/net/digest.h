#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace keyferry {

// HMAC-SHA256 (RFC 2104) with one key for many texts; the key is set up once. Any thread may call.
class HmacSha256 {
 public:
  explicit HmacSha256(const Secret& key);
  ~HmacSha256();
  HmacSha256(const HmacSha256&) = delete;
  HmacSha256& operator=(const HmacSha256&) = delete;

  // Of the pieces one after the other: 32 raw bytes.
  std::string of(std::initializer_list<std::string_view> pieces) const;

 private:
  struct Context;
  std::unique_ptr<const Context> context_;
};

// Bytes nobody can guess.
Secret random_bytes(std::size_t size);

// A share in [0, 1) for jitter.
double random_share();

}  // namespace keyferry
