#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "formats/json.h"

namespace keyferry::dev {

// What one of AWS's services answers, before it is written in that service's protocol.
struct AwsReply {
  int status = 200;
  std::string code;     // empty: all is well
  std::string message;  // of a refusal
  Json body;            // JSON services
  std::string xml;      // services with the query protocol: the inside of NAMEResult

  bool refused() const { return !code.empty(); }
};

AwsReply aws_data(Json body);
AwsReply aws_xml(std::string result);
// JSON services refuse with status 400 whatever the reason.
AwsReply aws_refusal(std::string_view code, std::string message, int status = 400);
AwsReply aws_validation(std::string message);  // ValidationException

// Whether the caller may do "secretsmanager:GetSecretValue" to this resource (an ARN, or "*").
using AwsPermission = std::function<bool(std::string_view action, std::string_view resource)>;

// One request to a JSON service, its signature verified.
struct AwsCall {
  std::string operation;  // "GetSecretValue"
  Json body;
  std::string caller;  // ARN, for refusals
  AwsPermission allows;
  WallTime now;

  std::string_view text(std::string_view member) const { return body.text_of(member); }
  // A flag that was set to true.
  bool is_set(std::string_view member) const;
};

// AccessDeniedException in AWS's words.
AwsReply aws_denial(const AwsCall& call, std::string_view action, std::string_view resource);

// Form parameters of the query protocol, decoded.
using AwsForm = std::map<std::string, std::string, std::less<>>;
AwsForm parse_form(std::string_view text);
std::string_view form_value(const AwsForm& form, std::string_view name);

// "<name>text</name>", the text escaped.
std::string xml_element(std::string_view name, std::string_view text);
// "<name>inner</name>"
std::string xml_around(std::string_view name, std::string_view inner);

std::string aws_compact_time(WallTime time);  // "20260131T120000Z"
std::string aws_iso_time(WallTime time);      // "2026-01-31T12:00:00Z"
Json aws_json_time(WallTime time);            // seconds since 1970 with milliseconds

// Random letters and digits that nobody can guess: capital ones only, or both.
std::string aws_upper_id(std::size_t length);
std::string aws_mixed_id(std::size_t length);
// "6f1c6a3e-…": the shape of request and version ids.
std::string aws_uuid();

// Whether the text fits a pattern in which * stands for any text and ? for one character.
bool fits_wildcards(std::string_view pattern, std::string_view text);

}  // namespace keyferry::dev
