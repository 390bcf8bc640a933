#include "base/error.h"

#include "base/secret.h"

namespace keyferry {

std::string_view name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kCancelled:
      return "cancelled";
    case ErrorCode::kUnknown:
      return "unknown";
    case ErrorCode::kInvalidArgument:
      return "invalid_argument";
    case ErrorCode::kDeadlineExceeded:
      return "deadline_exceeded";
    case ErrorCode::kNotFound:
      return "not_found";
    case ErrorCode::kAlreadyExists:
      return "already_exists";
    case ErrorCode::kPermissionDenied:
      return "permission_denied";
    case ErrorCode::kResourceExhausted:
      return "resource_exhausted";
    case ErrorCode::kFailedPrecondition:
      return "failed_precondition";
    case ErrorCode::kAborted:
      return "aborted";
    case ErrorCode::kOutOfRange:
      return "out_of_range";
    case ErrorCode::kUnimplemented:
      return "unimplemented";
    case ErrorCode::kInternal:
      return "internal";
    case ErrorCode::kUnavailable:
      return "unavailable";
    case ErrorCode::kDataLoss:
      return "data_loss";
    case ErrorCode::kUnauthenticated:
      return "unauthenticated";
  }
  return "unknown";
}

Error Error::with_context(std::string_view context) const& {
  return Error(*this).with_context(context);
}

Error Error::with_context(std::string_view context) && {
  for (std::size_t line = 0; line != std::string::npos;) {
    message_.insert(line, ": ").insert(line, context);
    const auto end = message_.find('\n', line + context.size() + 2);
    line = end == std::string::npos ? end : end + 1;
  }
  return std::move(*this);
}

Error Error::without(const Secret& secret) && {
  constexpr std::string_view kInstead = "(hidden)";
  const std::string_view hidden = secret.expose();
  if (hidden.empty()) return std::move(*this);
  for (auto at = message_.find(hidden); at != std::string::npos;
       at = message_.find(hidden, at + kInstead.size())) {
    message_.replace(at, hidden.size(), kInstead);
  }
  return std::move(*this);
}

Error Error::with_remedy(std::string_view remedy) const& {
  return Error(*this).with_remedy(remedy);
}

Error Error::with_remedy(std::string_view remedy) && {
  message_.append("; ").append(remedy);
  return std::move(*this);
}

}  // namespace keyferry
