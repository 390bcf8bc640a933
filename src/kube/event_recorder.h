#pragma once

#include <string>

#include "kube/objects.h"

namespace keyferry::kube {

enum class EventType { kNormal, kWarning };

// What is to be told about an object.
struct EventNote {
  ObjectReference about{};
  EventType type = EventType::kNormal;
  std::string reason{};   // CamelCase: MountRotationComplete
  std::string message{};  // cut at 1024 bytes; never a secret value
  std::string component = "keyferry-node";

  friend bool operator==(const EventNote&, const EventNote&) = default;
};

// Tells what happens to an object where `kubectl describe` shows it. Any thread may call; never
// blocks.
class EventRecorder {
 public:
  virtual ~EventRecorder() = default;
  virtual void record(EventNote note) = 0;
};

}  // namespace keyferry::kube
