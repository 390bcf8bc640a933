#include "net/digest.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace keyferry {

namespace {

struct ContextDeleter {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using ContextPtr = std::unique_ptr<EVP_MAC_CTX, ContextDeleter>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// Looked for once: that takes as long as ten digests.
EVP_MAC* hmac() {
  struct Deleter {
    void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
  };
  static const std::unique_ptr<EVP_MAC, Deleter> mac(
      EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr));
  return mac.get();
}

}  // namespace

struct HmacSha256::Context {
  ContextPtr keyed;
};

HmacSha256::HmacSha256(const Secret& key) {
  context_.reset(new Context{ContextPtr(EVP_MAC_CTX_new(hmac()))});
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_END};
  EVP_MAC_init(context_->keyed.get(), bytes_of(key.expose()), key.size(), parameters);
}

HmacSha256::~HmacSha256() = default;

std::string HmacSha256::of(std::initializer_list<std::string_view> pieces) const {
  const ContextPtr context(EVP_MAC_CTX_dup(context_->keyed.get()));
  for (const std::string_view piece : pieces) {
    EVP_MAC_update(context.get(), bytes_of(piece), piece.size());
  }
  std::string digest(32, '\0');
  std::size_t size = 0;
  EVP_MAC_final(context.get(), reinterpret_cast<unsigned char*>(digest.data()), &size,
                digest.size());
  return digest;
}

Secret random_bytes(std::size_t size) {
  Secret bytes;
  bytes.reserve(size);
  std::array<char, 256> chunk{};
  while (bytes.size() < size) {
    const std::size_t wanted = std::min(size - bytes.size(), chunk.size());
    const auto got = getrandom(chunk.data(), wanted, 0);
    if (got > 0) bytes.append({chunk.data(), static_cast<std::size_t>(got)});
  }
  wipe(chunk.data(), chunk.size());
  return bytes;
}

double random_share() {
  const Secret bytes = random_bytes(sizeof(std::uint64_t));
  std::uint64_t number = 0;
  std::memcpy(&number, bytes.expose().data(), sizeof number);
  return static_cast<double>(number >> 11U) / static_cast<double>(std::uint64_t{1} << 53U);
}

}  // namespace keyferry
