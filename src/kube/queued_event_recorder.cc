#include "kube/queued_event_recorder.h"

#include <utility>

#include "base/log.h"
#include "base/timestamp.h"
#include "net/digest.h"
#include "net/retry.h"

namespace keyferry::kube {

namespace {
// The API server may be away for as long as it takes to restart; events wait in the queue.
constexpr Duration kLongestWrite = std::chrono::minutes(2);
constexpr Duration kLongestTry = std::chrono::seconds(20);
constexpr int kTries = 12;
}  // namespace

QueuedEventRecorder::QueuedEventRecorder(KubeApi& api, Clock& clock, EventQueueOptions options)
    : api_(api),
      clock_(clock),
      options_(std::move(options)),
      series_(options_.limits, options_.host),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

QueuedEventRecorder::~QueuedEventRecorder() = default;

void QueuedEventRecorder::record(EventNote note) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= options_.most_queued) {
      ++counts_.dropped;
      return;
    }
    queue_.push_back(std::move(note));
  }
  news_.notify_all();
}

EventCounts QueuedEventRecorder::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

Status QueuedEventRecorder::flush(const Patience& patience) {
  std::unique_lock lock(mutex_);
  const Duration left = std::min<Duration>(patience.deadline.left(clock_), std::chrono::hours(24));
  const auto is_idle = [this] { return queue_.empty() && !is_writing_; };
  news_.wait_for(lock, patience.stop, left, is_idle);
  if (is_idle()) return {};
  if (patience.stop.stop_requested()) return Error(ErrorCode::kCancelled, "stopped");
  return Error(ErrorCode::kDeadlineExceeded, "events are still waiting to be written");
}

void QueuedEventRecorder::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (news_.wait(lock, stop, [this] { return !queue_.empty(); })) {
    if (stop.stop_requested()) return;
    const EventNote note = std::move(queue_.front());
    queue_.pop_front();
    is_writing_ = true;
    lock.unlock();
    write(note, stop);
    lock.lock();
    is_writing_ = false;
    news_.notify_all();
  }
}

void QueuedEventRecorder::write(const EventNote& note, const std::stop_token& stop) {
  const EventStep step = series_.next(note, clock_.wall_now(), clock_.steady_now());
  const bool limited = std::holds_alternative<TooMany>(step);
  const Status status = limited ? Status() : put(note, step, stop);
  if (!status.ok()) note_failure(status.error());
  const std::lock_guard lock(mutex_);
  ++(limited ? counts_.limited : status.ok() ? counts_.written : counts_.failed);
}

Status QueuedEventRecorder::put(const EventNote& note, const EventStep& step,
                                const std::stop_token& stop) {
  Status status;
  if (const auto* fresh = std::get_if<NewEvent>(&step)) {
    status = create(fresh->event, stop);
  } else if (const auto* counted = std::get_if<CountedEvent>(&step)) {
    status = count_on(counted->event, stop);
    // The API server keeps events for an hour, somebody may delete them.
    const bool is_gone = !status.ok() && status.error().code() == ErrorCode::kNotFound;
    if (is_gone) status = create(counted->event, stop);
  }
  if (!status.ok()) series_.forget(note);
  return status;
}

// By its name it is one event however often it is tried.
Status QueuedEventRecorder::create(const Event& event, const std::stop_token& stop) {
  RetryPolicy policy;
  policy.attempts = policy.throttled_attempts = kTries;
  const RetryScope scope{clock_, Deadline::in(clock_, kLongestWrite), stop, random_share};
  return with_retries(policy, scope, [&]() -> Status {
    const auto created =
        api_.create(events(), to_json(event), {Deadline::in(clock_, kLongestTry), stop});
    if (created.ok() || created.error().code() == ErrorCode::kAlreadyExists) return {};
    return created.error();
  });
}

Status QueuedEventRecorder::count_on(const Event& event, const std::stop_token& stop) {
  Json changes;
  changes.set("count", event.count).set("lastTimestamp", to_timestamp(event.last_seen));
  const auto merged = api_.merge(events(), event.meta.object_name(), changes, Part::kObject,
                                 {Deadline::in(clock_, kLongestTry), stop});
  return merged.ok() ? Status() : Status(merged.error());
}

// Why events are missing is told once, not for each of them.
void QueuedEventRecorder::note_failure(const Error& error) {
  if (error.code() == ErrorCode::kCancelled || error.message() == told_failure_) return;
  told_failure_ = error.message();
  log::warning("an event could not be written",
               {{"code", name_of(error.code())}, {"problem", error.message()}});
}

}  // namespace keyferry::kube
