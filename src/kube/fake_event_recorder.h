#pragma once

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "kube/event_recorder.h"

namespace keyferry::kube {

// An EventRecorder for tests: remembers what it was told. Any thread may call.
class FakeEventRecorder final : public EventRecorder {
 public:
  void record(EventNote note) override {
    const std::lock_guard lock(mutex_);
    notes_.push_back(std::move(note));
  }
  std::vector<EventNote> notes() const {
    const std::lock_guard lock(mutex_);
    return notes_;
  }
  // "Warning FailedMount Pod shop/web-0: …" of each.
  std::vector<std::string> lines() const {
    std::vector<std::string> lines;
    for (const EventNote& note : notes()) {
      const ObjectName name{note.about.namespace_name, note.about.name};
      lines.push_back(cat(note.type == EventType::kWarning ? "Warning " : "Normal ", note.reason,
                          ' ', note.about.kind, ' ', name.display_name(), ": ", note.message));
    }
    return lines;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<EventNote> notes_;
};

}  // namespace keyferry::kube
