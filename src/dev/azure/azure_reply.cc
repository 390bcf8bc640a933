#include "dev/azure/azure_reply.h"

#include <algorithm>
#include <ctime>

#include "base/strings.h"
#include "dev/vault_reply.h"

namespace keyferry::dev {
namespace {

constexpr std::string_view kJson = "application/json; charset=utf-8";

// "2026-01-02 03:04:05Z"
std::string entra_time(WallTime time) {
  std::string text = rfc3339(time).substr(0, 19);
  text[10] = ' ';
  return text + "Z";
}

bool is_ip_address(std::string_view name) {
  return name.find(':') != std::string_view::npos ||
         name.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace

AzureReply key_vault_error(int status, std::string_view code, std::string message,
                           std::string_view inner) {
  Json::Object error{{"code", Json(code)}, {"message", Json(std::move(message))}};
  if (!inner.empty()) {
    error.insert_or_assign("innererror", Json(Json::Object{{"code", Json(inner)}}));
  }
  return {status, Json(Json::Object{{"error", Json(std::move(error))}}), {}};
}

std::string_view key_vault_code_of(int status) {
  switch (status) {
    case 400:
      return "BadParameter";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "NotFound";
    case 409:
      return "Conflict";
    case 429:
      return "Throttled";
    case 503:
      return "ServiceUnavailable";
    default:
      return "InternalServerError";
  }
}

AzureReply entra_error(const EntraError& error, std::string_view correlation_id, WallTime now) {
  const std::string time = entra_time(now);
  const std::string trace = random_guid();
  const std::string correlation =
      correlation_id.empty() ? random_guid() : std::string(correlation_id);
  const std::string description =
      cat("AADSTS", error.code, ": ", error.message, " Trace ID: ", trace,
          " Correlation ID: ", correlation, " Timestamp: ", time);
  return {
      error.status,
      Json(Json::Object{
          {"error", Json(error.error)},
          {"error_description", Json(description)},
          {"error_codes", Json(Json::Array{Json(error.code)})},
          {"timestamp", Json(time)},
          {"trace_id", Json(trace)},
          {"correlation_id", Json(correlation)},
          {"error_uri", Json(cat("https://login.microsoftonline.com/error?code=", error.code))}}),
      {}};
}

AzureReply imds_error(int status, std::string_view error, std::string description) {
  return {status,
          Json(Json::Object{{"error", Json(error)},
                            {"error_description", Json(std::move(description))}}),
          {}};
}

ServerResponse response_of(const AzureReply& reply) {
  ServerResponse response{reply.status, {}, {}, AnswerEnd::kWhole};
  if (!reply.body.is_null())
    response = ServerResponse::of(reply.status, kJson, to_text(reply.body));
  response.headers.insert(response.headers.end(), reply.headers.begin(), reply.headers.end());
  return response;
}

std::string random_guid() {
  std::string text = random_id() + random_id();
  text.resize(32);
  for (const std::size_t at : {8U, 13U, 18U, 23U}) text.insert(at, "-");
  return text;
}

std::string AzureHost::origin() const { return cat(scheme, "://", name, port); }

bool AzureHost::has_label() const {
  return !is_ip_address(name) && name.find('.') != std::string::npos;
}

std::string AzureHost::label() const {
  return has_label() ? name.substr(0, name.find('.')) : std::string();
}

std::string AzureHost::suffix() const {
  return has_label() ? name.substr(name.find('.') + 1) : name;
}

AzureHost host_of(const ServerRequest& request, std::string_view scheme) {
  AzureHost host{std::string(scheme), to_lower(request.header("Host")), ""};
  const std::size_t colon = host.name.rfind(':');
  if (colon != std::string::npos && host.name.find(']', colon) == std::string::npos) {
    host.port = host.name.substr(colon);
    host.name.resize(colon);
  }
  return host;
}

}  // namespace keyferry::dev
