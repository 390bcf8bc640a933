#include "identity/sigv4.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/strings.h"
#include "net/digest.h"
#include "net/sha256.h"
#include "net/url.h"

// How a signature comes about (AWS General Reference, "Create a signed AWS API request"):
//
//   canonical request   method, path, sorted query, sorted headers, their names, payload hash,
//                       a line each; the server builds the same text from what it received
//   string to sign      algorithm, time, scope (date/region/service/aws4_request), hash of the
//   above signing key         HMAC of date, of region, of service, of "aws4_request", one with the
//   other signature           HMAC of the string to sign with that key
//
// Everything that goes wrong goes wrong in the first step, and the server only says "does not
// match". Its traps: the path is encoded a second time, except for S3; dot segments and doubled
// slashes are taken out first, except for S3; query parameters are sorted after they were encoded;
// "+" in a query is a plus; blanks inside header values are folded; the port belongs to the host
// unless it is the scheme's own; the session token is signed like any other header or parameter.
namespace keyferry::sigv4 {

namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kUnsigned = "UNSIGNED-PAYLOAD";

// Changed or dropped by proxies and libraries on the way (the SDKs leave them out too).
constexpr std::string_view kNeverSigned[] = {
    "connection", "expect", "te", "user-agent", "transfer-encoding", "x-amzn-trace-id"};

struct NameValue {
  std::string name;
  std::string value;
  friend auto operator<=>(const NameValue&, const NameValue&) = default;
};

void append_two_digits(std::string& text, unsigned number) {
  text += static_cast<char>('0' + number / 10 % 10);
  text += static_cast<char>('0' + number % 10);
}

std::string scope_text(const Scope& scope) {
  return cat(date_of(scope.now), '/', scope.region, '/', scope.service, "/aws4_request");
}

std::string normalised(std::string_view path) {
  std::vector<std::string_view> kept;
  for (const std::string_view part : split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      kept.push_back(part);
    } else if (!kept.empty()) {
      kept.pop_back();
    }
  }
  std::string text;
  for (const std::string_view part : kept) text += cat('/', percent_encode(part));
  if (text.empty() || path.ends_with('/')) text += '/';
  return text;
}

std::string canonical_path(std::string_view path, PathRule rule) {
  if (rule == PathRule::kEncodedAgain) return normalised(path);
  return path.empty() ? "/" : std::string(path);
}

Result<std::string> encoded_anew(std::string_view text) {
  KF_ASSIGN(const std::string plain, percent_decode(text));
  return percent_encode(plain);
}

Result<std::vector<NameValue>> parameters_of(std::string_view query) {
  std::vector<NameValue> parameters;
  if (query.empty()) return parameters;
  for (const std::string_view pair : split(query, '&')) {
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    KF_ASSIGN(std::string name, encoded_anew(pair.substr(0, equals)));
    KF_ASSIGN(std::string value,
              encoded_anew(equals == pair.npos ? std::string_view() : pair.substr(equals + 1)));
    parameters.push_back({std::move(name), std::move(value)});
  }
  return parameters;
}

std::string query_of(std::vector<NameValue> parameters) {
  std::sort(parameters.begin(), parameters.end());
  std::string text;
  for (const auto& [name, value] : parameters) {
    text += cat(text.empty() ? "" : "&", name, '=', value);
  }
  return text;
}

// Without blanks at the ends, one where there were several.
std::string folded(std::string_view value) {
  std::string text;
  for (const char c : trim(value)) {
    const bool blank = c == ' ' || c == '\t';
    if (!blank) {
      text += c;
    } else if (!text.ends_with(' ')) {
      text += ' ';
    }
  }
  return text;
}

// Lower-case names in order; values of a name that comes several times are joined in theirs.
std::vector<NameValue> canonical_headers(const std::vector<Header>& headers) {
  std::vector<NameValue> lines;
  for (const Header& header : headers) {
    std::string name = to_lower(trim(header.name));
    if (std::find(std::begin(kNeverSigned), std::end(kNeverSigned), name) !=
        std::end(kNeverSigned)) {
      continue;
    }
    const auto same = std::find_if(lines.begin(), lines.end(),
                                   [&](const NameValue& line) { return line.name == name; });
    if (same == lines.end()) {
      lines.push_back({std::move(name), folded(header.value)});
    } else {
      same->value += cat(',', folded(header.value));
    }
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

// The Host header as an HTTP client sends it.
std::string host_header(const Url& url) {
  const std::string origin = origin_of(url);
  return origin.substr(origin.find("://") + 3);
}

std::string hash_of(std::string_view bytes) { return hex_encode(sha256(bytes)); }

std::string hmac(const Secret& key, std::string_view text) { return HmacSha256(key).of({text}); }

Result<std::string> signature_of(const CanonicalRequest& canonical,
                                 const AwsCredentials& credentials, const Scope& scope) {
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty()) {
    return Error(ErrorCode::kUnauthenticated,
                 "AWS credentials lack the access key id or the secret access key");
  }
  return signature(signing_key(credentials.secret_access_key, scope),
                   string_to_sign(scope, canonical.text));
}

}  // namespace

std::string date_of(WallTime now) {
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day date(day);
  std::string text = cat(static_cast<int>(date.year()));
  append_two_digits(text, static_cast<unsigned>(date.month()));
  append_two_digits(text, static_cast<unsigned>(date.day()));
  return text;
}

std::string timestamp_of(WallTime now) {
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(now - day));
  std::string text = cat(date_of(now), 'T');
  append_two_digits(text, static_cast<unsigned>(time.hours().count()));
  append_two_digits(text, static_cast<unsigned>(time.minutes().count()));
  append_two_digits(text, static_cast<unsigned>(time.seconds().count()));
  return cat(text, 'Z');
}

Result<CanonicalRequest> canonical_request(const SignedParts& parts, PathRule rule) {
  KF_ASSIGN(auto parameters, parameters_of(parts.query));
  CanonicalRequest canonical;
  canonical.text = cat(parts.method, '\n', canonical_path(parts.path, rule), '\n',
                       query_of(std::move(parameters)), '\n');
  for (const auto& [name, value] : canonical_headers(parts.headers)) {
    canonical.text += cat(name, ':', value, '\n');
    canonical.signed_headers += cat(canonical.signed_headers.empty() ? "" : ";", name);
  }
  canonical.text += cat('\n', canonical.signed_headers, '\n', parts.payload_hash);
  return canonical;
}

std::string string_to_sign(const Scope& scope, std::string_view canonical_request) {
  return cat(kAlgorithm, '\n', timestamp_of(scope.now), '\n', scope_text(scope), '\n',
             hash_of(canonical_request));
}

Secret signing_key(const Secret& secret_access_key, const Scope& scope) {
  Secret key("AWS4");
  key.append(secret_access_key.expose());
  for (const std::string& step :
       {date_of(scope.now), scope.region, scope.service, std::string("aws4_request")}) {
    std::string next = hmac(key, step);
    key = Secret::take(next);
  }
  return key;
}

std::string signature(const Secret& signing_key, std::string_view string_to_sign) {
  return hex_encode(hmac(signing_key, string_to_sign));
}

Status sign(Request& request, const AwsCredentials& credentials, const Scope& scope,
            PathRule rule) {
  KF_ASSIGN(const Url url, parse_url(request.url));
  SignedParts parts{request.method, url.path, url.query, {}, hash_of(request.body.expose())};
  request.headers.push_back({"X-Amz-Date", timestamp_of(scope.now)});
  if (rule == PathRule::kAsSent) {
    request.headers.push_back({"X-Amz-Content-Sha256", parts.payload_hash});
  }
  parts.headers = request.headers;
  parts.headers.push_back({"Host", host_header(url)});
  if (!credentials.session_token.empty()) {
    request.secret_headers.push_back({"X-Amz-Security-Token", credentials.session_token.copy()});
    parts.headers.push_back(
        {"X-Amz-Security-Token", std::string(credentials.session_token.expose())});
  }
  KF_ASSIGN(const auto canonical, canonical_request(parts, rule));
  KF_ASSIGN(const std::string signature, signature_of(canonical, credentials, scope));
  request.secret_headers.push_back(
      {"Authorization",
       Secret(cat(kAlgorithm, " Credential=", credentials.access_key_id, '/', scope_text(scope),
                  ", SignedHeaders=", canonical.signed_headers, ", Signature=", signature))});
  return {};
}

Result<Secret> presigned_url(std::string_view method, std::string_view url,
                             const AwsCredentials& credentials, const Scope& scope,
                             std::chrono::seconds lifetime, PathRule rule) {
  constexpr std::chrono::seconds kLongest = std::chrono::days(7);
  if (lifetime < std::chrono::seconds(1) || lifetime > kLongest) {
    return Error(ErrorCode::kInvalidArgument,
                 cat("a signed URL lives 1 s to 7 days, not ", lifetime.count(), " s"));
  }
  KF_ASSIGN(Url parsed, parse_url(url));
  KF_ASSIGN(auto parameters, parameters_of(parsed.query));
  const auto add = [&](std::string_view name, std::string_view value) {
    parameters.push_back({std::string(name), percent_encode(value)});
  };
  add("X-Amz-Algorithm", kAlgorithm);
  add("X-Amz-Credential", cat(credentials.access_key_id, '/', scope_text(scope)));
  add("X-Amz-Date", timestamp_of(scope.now));
  add("X-Amz-Expires", cat(lifetime.count()));
  if (!credentials.session_token.empty()) {
    add("X-Amz-Security-Token", credentials.session_token.expose());
  }
  add("X-Amz-SignedHeaders", "host");
  parsed.query = query_of(std::move(parameters));
  const bool is_s3 = rule == PathRule::kAsSent;
  KF_ASSIGN(const auto canonical, canonical_request({std::string(method),
                                                     parsed.path,
                                                     parsed.query,
                                                     {{"Host", host_header(parsed)}},
                                                     is_s3 ? std::string(kUnsigned) : hash_of("")},
                                                    rule));
  KF_ASSIGN(const std::string signature, signature_of(canonical, credentials, scope));
  std::string text = to_text(parsed);
  text += cat("&X-Amz-Signature=", signature);
  return Secret::take(text);
}

}  // namespace keyferry::sigv4
