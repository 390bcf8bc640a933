#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/single_flight.h"
#include "kube/event_recorder.h"
#include "kube/event_series.h"
#include "kube/kube_api.h"

namespace keyferry::kube {

struct EventQueueOptions {
  std::string host{};  // source.host: the node
  std::size_t most_queued = 1000;
  EventLimits limits{};
};

// What became of the notes, for metrics.
struct EventCounts {
  std::uint64_t written = 0;  // created or counted on
  std::uint64_t limited = 0;  // too many about one object
  std::uint64_t dropped = 0;  // the queue was full
  std::uint64_t failed = 0;   // the API server did not take it

  friend bool operator==(const EventCounts&, const EventCounts&) = default;
};

// An EventRecorder with a queue, and a thread that writes core v1 Events. What is still queued when
// it ends is not written.
class QueuedEventRecorder final : public EventRecorder {
 public:
  // References outlive it.
  QueuedEventRecorder(KubeApi& api, Clock& clock, EventQueueOptions options);
  ~QueuedEventRecorder() override;

  void record(EventNote note) override;
  EventCounts counts() const;

  // Waits until nothing is queued: before the end, for what must still be told.
  Status flush(const Patience& patience);

 private:
  void run(const std::stop_token& stop);
  void write(const EventNote& note, const std::stop_token& stop);
  Status put(const EventNote& note, const EventStep& step, const std::stop_token& stop);
  Status create(const Event& event, const std::stop_token& stop);
  Status count_on(const Event& event, const std::stop_token& stop);
  void note_failure(const Error& error);

  KubeApi& api_;
  Clock& clock_;
  const EventQueueOptions options_;
  EventSeries series_;        // the thread's alone
  std::string told_failure_;  // the thread's alone
  mutable std::mutex mutex_;
  std::condition_variable_any news_;
  std::deque<EventNote> queue_;
  bool is_writing_ = false;
  EventCounts counts_;
  std::jthread thread_;  // last: ends before what it uses
};

}  // namespace keyferry::kube
