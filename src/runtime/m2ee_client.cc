#include "runtime/m2ee_client.h"

#include "base/encoding.h"
#include "base/strings.h"

namespace keyferry::runtime {

namespace {

Error refusal(std::string_view action, int result) {
  const auto error = [&](ErrorCode code, std::string_view text) {
    return Error(code, cat("admin action ", action, ": ", text, " (result ", result, ")"));
  };
  switch (result) {
    case -1:
    case -6:
    case -7:
      return error(ErrorCode::kUnavailable, "the runtime could not read or answer the request");
    case -2:
      return error(ErrorCode::kInvalidArgument, "the runtime refused the content type");
    case -3:
      return error(ErrorCode::kInvalidArgument, "the runtime refused the HTTP method");
    case -4:
      return error(ErrorCode::kPermissionDenied,
                   "wrong admin password; give the app container's M2EE_ADMIN_PASS");
    case -5:
      return error(ErrorCode::kUnimplemented,
                   "the runtime has no such action now; before it runs, few are there");
    default:
      return error(ErrorCode::kInternal, "refused for a reason we do not know");
  }
}

}  // namespace

M2eeClient::M2eeClient(Http& http, M2eeOptions options)
    : http_(http), url_(options.url), stop_(options.stop) {
  std::string encoded = base64_encode(options.password.expose());
  authentication_ = Secret::take(encoded);
}

Secret request_of(std::string_view action, const Secret& params) {
  Secret body;
  body.append(cat("{\"action\":\"", json_escape(action), "\",\"params\":"));
  body.append(params.empty() ? "{}" : params.expose());
  body.append("}");
  return body;
}

Result<AdminReply> read_reply(std::string_view action, int status, std::string_view body) {
  if (status != 200) {
    return Error(ErrorCode::kUnavailable, cat("admin action ", action, ": HTTP ", status,
                                              "; is this the runtime's admin port?"));
  }
  const auto json = parse_json(body);
  const Json* result = json.ok() ? json->find("result") : nullptr;
  const auto number = result == nullptr ? std::nullopt : result->as_int();
  if (!number || *number < -1000 || *number > 1000) {
    return Error(ErrorCode::kInternal, cat("admin action ", action,
                                           ": the answer is not one of the M2EE API; is this "
                                           "the runtime's admin port?"));
  }
  if (*number < 0) return refusal(action, static_cast<int>(*number));
  AdminReply reply;
  reply.result = static_cast<int>(*number);
  if (const Json* feedback = json->find("feedback")) reply.feedback = *feedback;
  reply.message = json->text_of("message");
  reply.cause = json->text_of("cause");
  return reply;
}

Result<AdminReply> M2eeClient::call(std::string_view action, const Secret& params,
                                    Deadline deadline) {
  Request request;
  request.method = "POST";
  request.url = url_;
  request.headers = {{"Content-Type", "application/json"}};
  request.secret_headers.push_back({"X-M2EE-Authentication", authentication_.copy()});
  request.body = request_of(action, params);
  request.proxy = ProxyUse::kNever;
  request.connection = ConnectionUse::kFresh;
  request.stop = stop_;
  const auto response = http_.send(request, deadline);
  if (!response.ok()) {
    return response.error()
        .with_context(cat("admin action ", action))
        .with_remedy(cat("is the runtime's container up, with its admin port at ", url_, "?"));
  }
  return read_reply(action, response->status, response->body.expose());
}

}  // namespace keyferry::runtime
