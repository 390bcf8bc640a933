#include <charconv>

#include "base/strings.h"
#include "net/http_server.h"

namespace keyferry {

Result<ListenAddress> parse_listen_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  unsigned port = 0;
  const std::string_view digits = colon == std::string_view::npos ? "" : text.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size() ||
      port > 65535) {
    return Error(ErrorCode::kInvalidArgument,
                 cat("'", text, "' is not ADDRESS:PORT, for example 127.0.0.1:8200"));
  }
  std::string_view address = text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) {
    address = address.substr(1, address.size() - 2);
  }
  return ListenAddress{std::string(address), static_cast<std::uint16_t>(port)};
}

}  // namespace keyferry
