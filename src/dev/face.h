#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "dev/faults.h"
#include "net/http_server.h"

namespace keyferry::dev {

// One store's API as its clients see it. Any thread may call.
class Face {
 public:
  virtual ~Face() = default;
  virtual ServerResponse answer(const ServerRequest& request) = 0;
  // Begins what happens without being asked, until the face is destroyed. Called once, or never.
  virtual void start() {}
  // A failure in the words this API uses for one.
  virtual ServerResponse refuse(int status, const std::string& message) const = 0;
  // The answer of a kStatus fault, in the protocol that this request speaks.
  virtual ServerResponse fail_as(const Fault& fault, const ServerRequest&) const {
    return refuse(fault.status, "fault ordered by a test");
  }
  // What the request log shows and a fault's path is compared with: for an API whose requests all
  // go to one path, "/" and the operation.
  virtual std::string name_of(const ServerRequest& request) const { return request.path; }
  // What a face has below /dev/ for tests, besides the two of every face.
  virtual ServerResponse answer_dev(const ServerRequest&) { return refuse(404, "no such path"); }
};

// Puts the faults that tests order before a face and logs what was asked: /dev/faults (POST,
// DELETE) and /dev/requests (GET, DELETE). Any thread may call answer().
class FaultyFace {
 public:
  FaultyFace(Clock& clock, std::unique_ptr<Face> face) : clock_(clock), face_(std::move(face)) {}

  ServerResponse answer(const ServerRequest& request);
  void start() { face_->start(); }

 private:
  ServerResponse answer_dev(const ServerRequest& request);
  ServerResponse answer_with(const Fault& fault, const ServerRequest& request);

  Clock& clock_;
  std::unique_ptr<Face> face_;
  FaultPlan faults_;
  RequestLog log_;
};

}  // namespace keyferry::dev
