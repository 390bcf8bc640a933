#include "dev/face.h"

namespace keyferry::dev {
namespace {

constexpr std::string_view kJson = "application/json";

ServerResponse nothing() { return {204, {}, {}, AnswerEnd::kWhole}; }

}  // namespace

ServerResponse FaultyFace::answer(const ServerRequest& request) {
  if (request.path.starts_with("/dev/")) return answer_dev(request);
  const std::string name = face_->name_of(request);
  const auto fault = faults_.take(name);
  ServerResponse response = fault ? answer_with(*fault, request) : face_->answer(request);
  log_.add(request.method, name, response.status);
  return response;
}

ServerResponse FaultyFace::answer_dev(const ServerRequest& request) {
  if (request.path == "/dev/requests") {
    if (request.method == "DELETE") log_.clear();
    return ServerResponse::of(200, kJson, to_text(log_.to_json()));
  }
  if (request.path != "/dev/faults") return face_->answer_dev(request);
  if (request.method == "DELETE") {
    faults_.clear();
    return nothing();
  }
  const auto json = parse_json(request.body.expose());
  auto fault = json.ok() ? parse_fault(*json) : Result<Fault>(json.error());
  if (!fault.ok()) return face_->refuse(400, fault.error().message());
  faults_.add(std::move(*fault));
  return nothing();
}

ServerResponse FaultyFace::answer_with(const Fault& fault, const ServerRequest& request) {
  if (fault.delay.count() > 0) clock_.wait_for(fault.delay, request.stop);
  switch (fault.kind) {
    case FaultKind::kDelay:
      return face_->answer(request);
    case FaultKind::kStatus: {
      ServerResponse response = face_->fail_as(fault, request);
      if (fault.retry_after_seconds) {
        response.headers.push_back({"Retry-After", std::to_string(*fault.retry_after_seconds)});
      }
      return response;
    }
    case FaultKind::kGarbage:
      return ServerResponse::of(200, kJson, "{\"data\": \xff<html>not JSON");
    case FaultKind::kCutBody: {
      ServerResponse response = face_->answer(request);
      response.end = AnswerEnd::kCutInBody;
      return response;
    }
    case FaultKind::kCutHeaders:
      return {0, {}, {}, AnswerEnd::kCutInHeaders};
    case FaultKind::kClose:
      return {0, {}, {}, AnswerEnd::kDropped};
  }
  return face_->answer(request);
}

}  // namespace keyferry::dev
