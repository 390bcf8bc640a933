#include "base/secret.h"

#include <fmt/format.h>
#include <string.h>

#include <ostream>

namespace keyferry {

namespace {
template <class T>
concept Printable = requires(std::ostream& out, const T& value) {
  out << value;
};
}  // namespace

static_assert(!fmt::is_formattable<Secret>::value, "a secret must not be formattable");
static_assert(!Printable<Secret>, "a secret must not be printable");
static_assert(!std::is_convertible_v<Secret, std::string_view>, "a secret must not decay to text");

void wipe(void* memory, std::size_t size) {
  if (size != 0) explicit_bzero(memory, size);  // null is allowed for nothing
}

Secret Secret::take(std::string& text) {
  Secret secret{std::string_view(text)};
  wipe(text.data(), text.size());
  text.clear();
  return secret;
}

void Secret::clear() {
  wipe(bytes_.data(), bytes_.size());
  bytes_.clear();
}

bool operator==(const Secret& a, const Secret& b) {
  if (a.size() != b.size()) return false;
  unsigned char difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = static_cast<unsigned char>(difference | (a.bytes_[i] ^ b.bytes_[i]));
  }
  return difference == 0;
}

}  // namespace keyferry
