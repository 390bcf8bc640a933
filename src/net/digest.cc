#include "net/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/random.h>

#include <array>
#include <cstdint>
#include <cstring>

namespace keyferry {

std::string hmac_sha256(const Secret& key, std::initializer_list<std::string_view> pieces) {
  Secret text;
  for (const std::string_view piece : pieces) text.append(piece);
  const std::string_view key_bytes = key.expose();
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key_bytes.data(), static_cast<int>(key_bytes.size()),
       reinterpret_cast<const unsigned char*>(text.expose().data()), text.size(), digest.data(),
       &size);
  return {reinterpret_cast<const char*>(digest.data()), size};
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
