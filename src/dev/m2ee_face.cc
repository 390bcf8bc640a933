#include "dev/m2ee_face.h"

#include "base/encoding.h"
#include "base/strings.h"

namespace keyferry::dev {
namespace {

constexpr std::string_view kJson = "application/json";

ServerResponse response_of(const M2eeReply& reply) {
  return ServerResponse::of(200, kJson, to_text(reply.to_json()));
}

}  // namespace

M2eeFace::M2eeFace(RuntimeModel& model, Clock& clock, const Secret& admin_password, Actions actions)
    : model_(model),
      clock_(clock),
      expected_header_(base64_encode(admin_password.expose())),
      actions_(std::move(actions)) {}

void M2eeFace::set_script(RuntimeScript script) {
  model_.set_script(script);
  const std::lock_guard lock(mutex_);
  script_ = std::move(script);
}

ServerResponse M2eeFace::answer(const ServerRequest& request) {
  if (request.path.starts_with("/dev/")) return answer_dev(request);
  if (auto refused = refusal(request)) return response_of(*refused);
  const auto body = parse_json(request.body.expose());
  if (!body.ok())
    return response_of({kUnreadableRequest, Json(), "The request could not be read", {}});
  if (body->is_null()) return response_of({kRequestNull, Json(), "The request is null", {}});
  return perform(*body, request);
}

ServerResponse M2eeFace::answer_dev(const ServerRequest& request) {
  if (request.path == "/dev/stats")
    return ServerResponse::of(200, kJson, to_text(actions_.stats()));
  if (request.path != "/dev/script" || request.method != "POST") {
    return ServerResponse::of(404, "text/plain", "not found\n");
  }
  const auto json = parse_json(request.body.expose());
  auto script = json.ok() ? parse_runtime_script(*json) : Result<RuntimeScript>(json.error());
  if (!script.ok())
    return ServerResponse::of(400, "text/plain", cat(script.error().message(), "\n"));
  set_script(std::move(*script));
  return ServerResponse{204, {}, {}, AnswerEnd::kWhole};
}

std::optional<M2eeReply> M2eeFace::refusal(const ServerRequest& request) const {
  if (request.method != "POST") return M2eeReply{kBadMethod, Json(), "Only POST is supported", {}};
  const std::string_view type = split(request.header("Content-Type"), ';')[0];
  if (trim(type) != kJson)
    return M2eeReply{kBadContentType, Json(), "Content-Type must be application/json", {}};
  if (Secret(request.header("X-M2EE-Authentication")) != expected_header_) {
    return M2eeReply{kForbidden, Json(), "Forbidden", {}};
  }
  return std::nullopt;
}

ServerResponse M2eeFace::perform(const Json& body, const ServerRequest& request) {
  const std::string_view action = body.text_of("action");
  obey_script_before(action, request);
  if (takes_drop(action)) return {0, {}, {}, AnswerEnd::kDropped};
  const Json* params = body.find("params");
  const M2eeReply reply = model_.handle(action, params == nullptr ? Json(Json::Object{}) : *params);
  if (action != "shutdown") return response_of(reply);
  actions_.shut_down();
  return {0, {}, {}, AnswerEnd::kDropped};
}

void M2eeFace::obey_script_before(std::string_view action, const ServerRequest& request) {
  std::chrono::milliseconds delay{0};
  {
    const std::lock_guard lock(mutex_);
    if (!script_.die_on.empty() && script_.die_on == action) actions_.die();
    if (const auto found = script_.delays.find(action); found != script_.delays.end())
      delay = found->second;
  }
  if (delay.count() > 0) clock_.wait_for(delay, request.stop);
}

bool M2eeFace::takes_drop(std::string_view action) {
  const std::lock_guard lock(mutex_);
  const auto found = script_.drops.find(action);
  if (found == script_.drops.end() || found->second <= 0) return false;
  --found->second;
  return true;
}

}  // namespace keyferry::dev
