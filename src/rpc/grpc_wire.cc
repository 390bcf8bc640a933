#include "rpc/grpc_wire.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "base/encoding.h"
#include "base/strings.h"

namespace keyferry::rpc {

namespace {

// A client of gRPC's C core takes 8 KiB of headers by default, names and the rest included.
constexpr std::size_t kLongestMessage = 6000;
constexpr std::size_t kMostTimeoutDigits = 8;
constexpr std::int64_t kMostTimeout = 99'999'999;

struct TimeUnit {
  char letter;
  std::int64_t nanoseconds;
};
constexpr std::array<TimeUnit, 6> kTimeUnits{{{'n', 1},
                                              {'u', 1'000},
                                              {'m', 1'000'000},
                                              {'S', 1'000'000'000},
                                              {'M', 60'000'000'000},
                                              {'H', 3'600'000'000'000}}};
// An eight-digit number of hours is more than a clock can count; a year is as good as for ever.
constexpr std::int64_t kLongestHours = 24L * 365;

}  // namespace

int status_number(ErrorCode code) {
  switch (code) {
    case ErrorCode::kCancelled:
      return 1;
    case ErrorCode::kUnknown:
      return 2;
    case ErrorCode::kInvalidArgument:
      return 3;
    case ErrorCode::kDeadlineExceeded:
      return 4;
    case ErrorCode::kNotFound:
      return 5;
    case ErrorCode::kAlreadyExists:
      return 6;
    case ErrorCode::kPermissionDenied:
      return 7;
    case ErrorCode::kResourceExhausted:
      return 8;
    case ErrorCode::kFailedPrecondition:
      return 9;
    case ErrorCode::kAborted:
      return 10;
    case ErrorCode::kOutOfRange:
      return 11;
    case ErrorCode::kUnimplemented:
      return 12;
    case ErrorCode::kInternal:
      return 13;
    case ErrorCode::kUnavailable:
      return 14;
    case ErrorCode::kDataLoss:
      return 15;
    case ErrorCode::kUnauthenticated:
      return 16;
  }
  return 2;
}

ErrorCode code_of_status(int number) {
  constexpr int kFirst = 1;
  constexpr int kLast = 16;
  if (number < kFirst || number > kLast) return ErrorCode::kUnknown;
  return static_cast<ErrorCode>(number);  // the set is gRPC's, numbers included
}

ErrorCode code_of_http_status(int status) {
  switch (status) {
    case 400:
      return ErrorCode::kInternal;
    case 401:
      return ErrorCode::kUnauthenticated;
    case 403:
      return ErrorCode::kPermissionDenied;
    case 404:
      return ErrorCode::kUnimplemented;
    case 429:
    case 502:
    case 503:
    case 504:
      return ErrorCode::kUnavailable;
    default:
      return ErrorCode::kUnknown;
  }
}

Secret framed(std::string_view message) {
  Secret bytes;
  bytes.reserve(kPrefixSize + message.size());
  const auto size = static_cast<std::uint32_t>(message.size());
  const std::array<char, kPrefixSize> prefix{
      0, static_cast<char>(size >> 24), static_cast<char>(size >> 16 & 255),
      static_cast<char>(size >> 8 & 255), static_cast<char>(size & 255)};
  bytes.append({prefix.data(), prefix.size()});
  bytes.append(message);
  return bytes;
}

Result<Secret> unframed(const Secret& bytes) {
  const std::string_view all = bytes.expose();
  if (all.size() < kPrefixSize) {
    return Error(ErrorCode::kInternal, cat("a message of ", all.size(),
                                           " bytes, not even its "
                                           "length; the call was cut"));
  }
  if (all[0] != 0) {
    return Error(ErrorCode::kUnimplemented,
                 "the message is compressed; send it as it is (identity)");
  }
  std::size_t size = 0;
  for (std::size_t at = 1; at < kPrefixSize; ++at) {
    size = size << 8 | static_cast<unsigned char>(all[at]);
  }
  if (size != all.size() - kPrefixSize) {
    return Error(ErrorCode::kInternal,
                 cat("a message of ", size, " bytes was said, ", all.size() - kPrefixSize,
                     " came; a call has one message"));
  }
  return Secret(all.substr(kPrefixSize));
}

std::optional<Duration> parse_timeout(std::string_view text) {
  if (text.size() < 2 || text.size() > kMostTimeoutDigits + 1) return std::nullopt;
  const auto unit = std::find_if(kTimeUnits.begin(), kTimeUnits.end(),
                                 [&](const TimeUnit& u) { return u.letter == text.back(); });
  std::int64_t number = 0;
  const char* end = text.data() + text.size() - 1;
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (unit == kTimeUnits.end() || error != std::errc() || stopped != end || number < 0) {
    return std::nullopt;
  }
  if (unit->letter == 'H') number = std::min(number, kLongestHours);
  if (unit->letter == 'M') number = std::min(number, kLongestHours * 60);
  return std::chrono::duration_cast<Duration>(std::chrono::nanoseconds(number * unit->nanoseconds));
}

std::string timeout_text(Duration left) {
  const std::int64_t nanoseconds =
      std::max<std::int64_t>(std::chrono::nanoseconds(left).count(), 0);
  for (const TimeUnit& unit : kTimeUnits) {
    const std::int64_t number =
        nanoseconds / unit.nanoseconds + (nanoseconds % unit.nanoseconds == 0 ? 0 : 1);
    if (number <= kMostTimeout) return cat(number, unit.letter);
  }
  return cat(kMostTimeout, 'H');
}

std::string encode_status_message(std::string_view message) {
  std::string encoded = percent_encode(message);
  for (std::size_t size = message.size(); encoded.size() > kLongestMessage;) {
    size -= std::max<std::size_t>((encoded.size() - kLongestMessage) / 3, 1);
    encoded = cat(percent_encode(utf8_prefix(message, size)), "...");
  }
  return encoded;
}

std::string decode_status_message(std::string_view text) {
  auto message = percent_decode(text);
  return message.ok() ? std::move(message).value() : std::string(text);
}

}  // namespace keyferry::rpc
