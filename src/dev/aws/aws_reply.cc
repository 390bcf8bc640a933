#include "dev/aws/aws_reply.h"

#include <time.h>

#include <array>

#include "base/encoding.h"
#include "base/strings.h"
#include "net/digest.h"

namespace keyferry::dev {
namespace {

std::string formatted(WallTime time, const char* format) {
  const std::time_t seconds =
      std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(time));
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  return {text.data(), strftime(text.data(), text.size(), format, &parts)};
}

std::string random_of(std::string_view letters, std::size_t length) {
  const Secret bytes = random_bytes(length);
  std::string id;
  for (const char byte : bytes.expose()) {
    id += letters[static_cast<unsigned char>(byte) % letters.size()];
  }
  return id;
}

constexpr std::string_view kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kMixed =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

std::string decoded(std::string_view text) {
  std::string spaced(text);
  for (char& c : spaced) {
    if (c == '+') c = ' ';
  }
  auto plain = percent_decode(spaced);
  return plain.ok() ? std::move(plain).value() : spaced;
}

}  // namespace

AwsReply aws_data(Json body) { return {200, {}, {}, std::move(body), {}}; }
AwsReply aws_xml(std::string result) { return {200, {}, {}, {}, std::move(result)}; }

AwsReply aws_refusal(std::string_view code, std::string message, int status) {
  return {status, std::string(code), std::move(message), {}, {}};
}

AwsReply aws_validation(std::string message) {
  return aws_refusal("ValidationException", std::move(message));
}

bool AwsCall::is_set(std::string_view member) const {
  const Json* flag = body.find(member);
  return flag != nullptr && flag->as_bool() != nullptr && *flag->as_bool();
}

AwsReply aws_denial(const AwsCall& call, std::string_view action, std::string_view resource) {
  return aws_refusal("AccessDeniedException",
                     cat("User: ", call.caller, " is not authorized to perform: ", action,
                         " on resource: ", resource,
                         " because no identity-based policy allows the ", action, " action"));
}

AwsForm parse_form(std::string_view text) {
  AwsForm form;
  for (const std::string_view pair : split(text, '&')) {
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    form.insert_or_assign(decoded(pair.substr(0, equals)), decoded(value));
  }
  return form;
}

std::string_view form_value(const AwsForm& form, std::string_view name) {
  const auto found = form.find(name);
  return found == form.end() ? std::string_view() : std::string_view(found->second);
}

std::string xml_element(std::string_view name, std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '&') {
      escaped += "&amp;";
    } else if (c == '<') {
      escaped += "&lt;";
    } else if (c == '>') {
      escaped += "&gt;";
    } else {
      escaped += c;
    }
  }
  return xml_around(name, escaped);
}

std::string xml_around(std::string_view name, std::string_view inner) {
  return cat('<', name, '>', inner, "</", name, '>');
}

std::string aws_compact_time(WallTime time) { return formatted(time, "%Y%m%dT%H%M%SZ"); }
std::string aws_iso_time(WallTime time) { return formatted(time, "%Y-%m-%dT%H:%M:%SZ"); }

Json aws_json_time(WallTime time) {
  const auto whole =
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
  std::string rest = std::to_string(whole % 1000);
  rest.insert(0, 3 - rest.size(), '0');
  return Json::Number{cat(whole / 1000, '.', rest)};
}

std::string aws_upper_id(std::size_t length) { return random_of(kUpper, length); }
std::string aws_mixed_id(std::size_t length) { return random_of(kMixed, length); }

std::string aws_uuid() {
  std::string id = hex_encode(random_bytes(16).expose());
  id[12] = '4';
  for (const std::size_t at : {8U, 13U, 18U, 23U}) id.insert(at, 1, '-');
  return id;
}

// Every * is tried at its shortest; only the last one seen ever has to grow.
bool fits_wildcards(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace keyferry::dev
