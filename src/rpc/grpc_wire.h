#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/result.h"
#include "base/secret.h"

// gRPC over HTTP/2 (the protocol's PROTOCOL-HTTP2 page) as far as unary calls need it. Pure.
namespace keyferry::rpc {

inline constexpr std::string_view kContentType = "application/grpc";

// The number on the wire, and back; 0 and numbers beyond the set are kUnknown.
int status_number(ErrorCode code);
ErrorCode code_of_status(int number);
// What an HTTP status says where no gRPC status came with it.
ErrorCode code_of_http_status(int status);

// One message with its prefix: not compressed, length, bytes.
Secret framed(std::string_view message);
// The one message of a unary call. kUnimplemented: compressed (we offer no encoding); kInternal:
// cut, or more than one.
Result<Secret> unframed(const Secret& bytes);
inline constexpr std::size_t kPrefixSize = 5;

// grpc-timeout: up to eight digits and one of H M S m u n. Nothing where it is written otherwise.
std::optional<Duration> parse_timeout(std::string_view text);
// Rounded up, at most 99999999 of the unit.
std::string timeout_text(Duration left);

// grpc-message: percent-encoded UTF-8. What would be longer than peers take in their headers is
// cut, with "..." at its end.
std::string encode_status_message(std::string_view message);
std::string decode_status_message(std::string_view text);  // one with broken escapes as it is

}  // namespace keyferry::rpc
