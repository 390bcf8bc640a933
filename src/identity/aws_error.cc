#include "identity/aws_error.h"

#include <algorithm>
#include <optional>

#include "base/strings.h"
#include "formats/json.h"
#include "formats/xml.h"
#include "net/http_date.h"
#include "net/retry.h"

namespace keyferry {

namespace {

struct KnownCode {
  std::string_view word;
  ErrorCode code;
};

// Common errors of AWS services, those of STS, Secrets Manager and Systems Manager (API
// references).
constexpr KnownCode kKnown[] = {
    {"AccessDenied", ErrorCode::kPermissionDenied},
    {"AccessDeniedException", ErrorCode::kPermissionDenied},
    {"OptInRequired", ErrorCode::kPermissionDenied},
    {"ResourceNotFoundException", ErrorCode::kNotFound},
    {"ParameterNotFound", ErrorCode::kNotFound},
    {"ParameterVersionNotFound", ErrorCode::kNotFound},
    {"ExpiredToken", ErrorCode::kUnauthenticated},
    {"ExpiredTokenException", ErrorCode::kUnauthenticated},
    {"IncompleteSignature", ErrorCode::kUnauthenticated},
    {"InvalidClientTokenId", ErrorCode::kUnauthenticated},
    {"InvalidIdentityToken", ErrorCode::kUnauthenticated},
    {"InvalidSignatureException", ErrorCode::kUnauthenticated},
    {"MissingAuthenticationToken", ErrorCode::kUnauthenticated},
    {"MissingAuthenticationTokenException", ErrorCode::kUnauthenticated},
    {"RequestExpired", ErrorCode::kUnauthenticated},
    {"SignatureDoesNotMatch", ErrorCode::kUnauthenticated},
    {"UnrecognizedClientException", ErrorCode::kUnauthenticated},
    {"IDPCommunicationError", ErrorCode::kUnavailable},
    {"InternalFailure", ErrorCode::kUnavailable},
    {"InternalServerError", ErrorCode::kUnavailable},
    {"InternalServiceError", ErrorCode::kUnavailable},
    {"ServiceUnavailable", ErrorCode::kUnavailable},
    {"ServiceUnavailableException", ErrorCode::kUnavailable},
    {"LimitExceededException", ErrorCode::kResourceExhausted},
    {"RequestLimitExceeded", ErrorCode::kResourceExhausted},
    {"RequestThrottled", ErrorCode::kResourceExhausted},
    {"RequestThrottledException", ErrorCode::kResourceExhausted},
    {"SlowDown", ErrorCode::kResourceExhausted},
    {"Throttling", ErrorCode::kResourceExhausted},
    {"ThrottlingException", ErrorCode::kResourceExhausted},
    {"TooManyRequestsException", ErrorCode::kResourceExhausted},
    {"DecryptionFailure", ErrorCode::kFailedPrecondition},
    {"InvalidKeyId", ErrorCode::kFailedPrecondition},
    {"InvalidRequestException", ErrorCode::kFailedPrecondition},
    {"RegionDisabledException", ErrorCode::kFailedPrecondition},
};

ErrorCode code_of(int status, std::string_view word) {
  const auto known = std::find_if(std::begin(kKnown), std::end(kKnown),
                                  [&](const KnownCode& row) { return row.word == word; });
  if (known != std::end(kKnown)) return known->code;
  if (status == 401) return ErrorCode::kUnauthenticated;
  if (status == 403) return ErrorCode::kPermissionDenied;
  if (status == 404) return ErrorCode::kNotFound;
  if (status == 429) return ErrorCode::kResourceExhausted;
  return status >= 500 ? ErrorCode::kUnavailable : ErrorCode::kInvalidArgument;
}

// "com.amazonaws.secretsmanager#AccessDenied" and "AccessDenied:http://…": the word in it.
std::string word_of(std::string_view code) {
  if (const auto hash = code.rfind('#'); hash != code.npos) code.remove_prefix(hash + 1);
  return std::string(trim(code.substr(0, code.find(':'))));
}

AwsError from_json(const Json& body) {
  AwsError error{word_of(body.text_of("__type")), std::string(body.text_of("message"))};
  if (error.code.empty()) error.code = word_of(body.text_of("code"));
  if (error.message.empty()) error.message = body.text_of("Message");
  return error;
}

AwsError from_xml(const Xml& body) {
  for (const std::string_view above : {"ErrorResponse/Error", "Response/Errors/Error", "Error"}) {
    AwsError error{body.text_at(cat(above, "/Code")), body.text_at(cat(above, "/Message"))};
    if (!error.code.empty()) return error;
  }
  return {};
}

// How far our clock is from the server's, where that is what the server minds.
std::optional<std::chrono::seconds> skew_of(const Response& response, const AwsError& error,
                                            WallTime now) {
  const bool about_time = error.message.find("Signature expired") != std::string::npos ||
                          error.message.find("Signature not yet current") != std::string::npos ||
                          error.code == "RequestExpired" || error.code == "RequestTimeTooSkewed";
  const auto date = about_time ? parse_http_date(response.header("Date")) : std::nullopt;
  if (!date) return std::nullopt;
  return std::chrono::floor<std::chrono::seconds>(now) - *date;
}

}  // namespace

AwsError read_aws_error(const Response& response) {
  const std::string_view body = response.body.expose();
  AwsError error;
  if (const auto json = parse_json(body); json.ok()) {
    error = from_json(*json);
  } else if (const auto xml = Xml::parse(body); xml.ok()) {
    error = from_xml(*xml);
  }
  const std::string header = word_of(response.header("x-amzn-ErrorType"));
  if (!header.empty()) error.code = header;
  return error;
}

Error aws_error_of(const Response& response, WallTime now) {
  const AwsError said = read_aws_error(response);
  std::string text = cat("HTTP ", response.status);
  if (!said.code.empty()) text += cat(' ', said.code);
  if (!said.message.empty()) text += cat(": ", said.message);
  if (const auto skew = skew_of(response, said, now)) {
    text += cat("; the clock here is ", std::abs(skew->count()), " s ",
                skew->count() < 0 ? "behind" : "ahead of", " the server's: set it right");
  }
  Error error(code_of(response.status, said.code), std::move(text));
  if (const auto wait = retry_after_of(response, now)) error.set_retry_after(*wait);
  return error;
}

std::optional<Error> aws_complaint_worth_a_retry(const Response& answer, WallTime now) {
  if (answer.status < 400) return std::nullopt;
  Error error = aws_error_of(answer, now);
  const bool worth_a_retry =
      error.code() == ErrorCode::kUnavailable || error.code() == ErrorCode::kResourceExhausted;
  return worth_a_retry ? std::optional(std::move(error)) : std::nullopt;
}

bool aws_asks_for_less(const Response& answer) {
  return answer.status >= 400 &&
         code_of(answer.status, read_aws_error(answer).code) == ErrorCode::kResourceExhausted;
}

}  // namespace keyferry
