// A second reading of Signature Version 4, apart from the one in identity/ that signs: what both
// get wrong in the same way no test would find.
#include "dev/aws/sigv4_check.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/strings.h"
#include "base/timestamp.h"
#include "net/digest.h"
#include "net/sha256.h"

namespace keyferry::dev {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kTerminator = "aws4_request";
constexpr std::chrono::minutes kSkew{5};
constexpr std::string_view kMismatchText =
    "The request signature we calculated does not match the signature you provided. Check your AWS "
    "Secret Access Key and signing method. Consult the service documentation for details.";
constexpr std::string_view kUnknownText = "The security token included in the request is invalid.";

SignatureRefusal refusal(SignatureProblem problem, std::string message) {
  return {problem, std::move(message)};
}
SignatureRefusal incomplete(std::string message) {
  return refusal(SignatureProblem::kIncomplete, std::move(message));
}
SignatureRefusal mismatch(std::string message) {
  return refusal(SignatureProblem::kMismatch, std::move(message));
}

// "Credential=…, SignedHeaders=…": the value of a name, empty when absent.
std::string_view part_of(std::string_view header, std::string_view name) {
  for (std::string_view piece : split(header, ',')) {
    piece = trim(piece);
    if (piece.starts_with(name) && piece.substr(name.size()).starts_with('='))
      return piece.substr(name.size() + 1);
  }
  return {};
}

// Every value of the header, inner runs of blanks made one.
std::string canonical_value(const ServerRequest& request, std::string_view name) {
  std::string joined;
  bool first = true;
  for (const Header& header : request.headers) {
    if (to_lower(header.name) != name) continue;
    if (!first) joined += ',';
    first = false;
    bool blank = false;
    for (const char c : trim(header.value)) {
      if (c != ' ' || !blank) joined += c;
      blank = c == ' ';
    }
  }
  return joined;
}

std::string canonical_query(const ServerRequest& request) {
  std::vector<std::string> pairs;
  for (const auto& [name, value] : request.query) {
    pairs.push_back(cat(percent_encode(name), '=', percent_encode(value)));
  }
  std::sort(pairs.begin(), pairs.end());
  return join(pairs, "&");
}

std::string canonical_request(const ServerRequest& request, const SignedWith& with) {
  std::string text = cat(request.method, "\n/\n", canonical_query(request), '\n');
  for (const std::string& name : with.headers) {
    text += cat(name, ':', canonical_value(request, name), '\n');
  }
  return cat(text, '\n', join(with.headers, ";"), '\n', hex_encode(sha256(request.body.expose())));
}

std::string signature_of(const ServerRequest& request, const SignedWith& with,
                         std::string_view time, const Secret& secret) {
  const std::string scope = cat(with.date, '/', with.region, '/', with.service, '/', kTerminator);
  const std::string hashed = hex_encode(sha256(canonical_request(request, with)));
  Secret key("AWS4");
  key.append(secret.expose());
  for (const std::string_view step : {std::string_view(with.date), std::string_view(with.region),
                                      std::string_view(with.service), kTerminator}) {
    key = Secret(HmacSha256(key).of({step}));
  }
  return hex_encode(HmacSha256(key).of({kAlgorithm, "\n", time, "\n", scope, "\n", hashed}));
}

// "20260131T120000Z"
Result<WallTime> parse_compact(std::string_view text) {
  if (text.size() != 16) return Error(ErrorCode::kInvalidArgument, "not a time");
  std::string spread(text);
  for (const std::size_t at : {13U, 11U}) spread.insert(at, 1, ':');
  for (const std::size_t at : {6U, 4U}) spread.insert(at, 1, '-');
  return parse_timestamp(spread);
}

Result<void, SignatureRefusal> check_time(std::string_view text, const SignedWith& with,
                                          WallTime now) {
  const auto time = parse_compact(text);
  if (!time.ok())
    return incomplete("Date must be in ISO-8601 'basic format'. Got 'x-amz-date' that is not");
  if (!text.starts_with(with.date)) {
    return mismatch(
        cat("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of "
            "date from HTTP: '",
            with.date, "' != '", text.substr(0, 8), "', from '", text, "'."));
  }
  if (*time < now - kSkew) {
    return mismatch(cat("Signature expired: ", text, " is now earlier than ",
                        aws_compact_time(now - kSkew), " (", aws_compact_time(now), " - 5 min.)"));
  }
  if (*time > now + kSkew) {
    return mismatch(cat("Signature not yet current: ", text, " is still later than ",
                        aws_compact_time(now + kSkew), " (", aws_compact_time(now), " + 5 min.)"));
  }
  return {};
}

Result<void, SignatureRefusal> check_scope(const SignedWith& with, const SignatureNeeds& needs) {
  if (with.service != needs.service) {
    return mismatch(cat("Credential should be scoped to correct service: '", needs.service, "'. "));
  }
  if (!needs.has_region(with.region))
    return mismatch("Credential should be scoped to a valid region. ");
  return {};
}

// A header that says something about the request and was not signed could be anybody's.
Result<void, SignatureRefusal> check_coverage(const ServerRequest& request,
                                              const SignedWith& with) {
  const auto is_signed = [&](const std::string& name) {
    return std::find(with.headers.begin(), with.headers.end(), name) != with.headers.end();
  };
  if (!is_signed("host"))
    return mismatch("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  for (const Header& header : request.headers) {
    const std::string name = to_lower(header.name);
    if (name.starts_with("x-amz-") && !is_signed(name)) {
      return mismatch(cat("'", name, "' must be a 'SignedHeader' in the AWS Authorization."));
    }
  }
  if (!std::is_sorted(with.headers.begin(), with.headers.end()))
    return incomplete("SignedHeaders are not sorted.");
  return {};
}

Result<const AwsKey*, SignatureRefusal> key_of(const ServerRequest& request, const SignedWith& with,
                                               const AwsIam& iam, WallTime now) {
  const AwsKey* key = iam.find_key(with.key_id);
  if (key == nullptr || !(key->session_token == Secret(request.header("X-Amz-Security-Token")))) {
    return refusal(SignatureProblem::kUnknownKey, std::string(kUnknownText));
  }
  if (key->expires && now >= *key->expires) {
    return refusal(SignatureProblem::kExpiredToken,
                   "The security token included in the request is expired");
  }
  return key;
}

}  // namespace

Result<SignedWith, SignatureRefusal> read_authorization(const ServerRequest& request) {
  const std::string_view header = request.header("Authorization");
  if (header.empty())
    return refusal(SignatureProblem::kMissing, "Request is missing Authentication Token");
  if (!header.starts_with(cat(kAlgorithm, ' ')))
    return incomplete(cat("Authorization header requires the algorithm ", kAlgorithm, '.'));
  const std::string_view parts = header.substr(kAlgorithm.size());
  const auto credential = split(part_of(parts, "Credential"), '/');
  const std::string_view names = part_of(parts, "SignedHeaders");
  const std::string_view signature = part_of(parts, "Signature");
  for (const auto& [name, is_there] :
       {std::pair("Credential", credential.size() == 5), std::pair("SignedHeaders", !names.empty()),
        std::pair("Signature", !signature.empty())}) {
    if (!is_there) return incomplete(cat("Authorization header requires '", name, "' parameter."));
  }
  if (credential[4] != kTerminator) {
    return mismatch(cat("Credential should be scoped with a valid terminator: '", kTerminator,
                        "', not '", credential[4], "'."));
  }
  SignedWith with{std::string(credential[0]),
                  std::string(credential[1]),
                  std::string(credential[2]),
                  std::string(credential[3]),
                  {},
                  std::string(signature)};
  for (const std::string_view name : split(names, ';')) with.headers.emplace_back(name);
  return with;
}

Result<const AwsKey*, SignatureRefusal> check_signature(const ServerRequest& request,
                                                        const SignedWith& with, const AwsIam& iam,
                                                        const SignatureNeeds& needs, WallTime now) {
  KF_ASSIGN(const AwsKey* key, key_of(request, with, iam, now));
  const std::string_view time = request.header("X-Amz-Date");
  KF_TRY(check_time(time, with, now));
  KF_TRY(check_scope(with, needs));
  KF_TRY(check_coverage(request, with));
  const std::string_view hash = request.header("X-Amz-Content-Sha256");
  if (!hash.empty() && hash != hex_encode(sha256(request.body.expose())))
    return mismatch("The value of x-amz-content-sha256 is not that of the body.");
  if (!(Secret(signature_of(request, with, time, key->secret)) == Secret(with.signature)))
    return mismatch(std::string(kMismatchText));
  return key;
}

}  // namespace keyferry::dev
