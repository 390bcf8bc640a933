#include "kube/watch.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/strings.h"
#include "net/digest.h"
#include "net/retry.h"

namespace keyferry::kube {

namespace {

// The server ends a watch by itself after four to five minutes, each at another time. A peer that
// went without a word is noticed before, by keep-alive; one that holds the connection and says
// nothing for ever, a little after it should have ended it.
constexpr std::chrono::seconds kShortestWatch{240};
constexpr double kWatchSpread = 60;  // seconds
constexpr std::chrono::seconds kGrace{15};
constexpr Duration kLongestPage = std::chrono::minutes(1);
// A watch that stood for so long was a good one, whatever ended it.
constexpr Duration kGoodWatch = std::chrono::seconds(30);
constexpr Duration kShortestGoodEnd = std::chrono::seconds(1);
constexpr int kListTries = 3;

std::chrono::milliseconds wait_after(int failures, const Error& error) {
  constexpr std::chrono::milliseconds kShortest{100};  // full jitter may say "at once"
  RetryPolicy endless;
  endless.first_wait = std::chrono::milliseconds(800);
  endless.attempts = endless.throttled_attempts = failures + 1;
  endless.codes = {error.code()};
  const auto wait = wait_before_retry(endless, failures, error, random_share());
  return std::max(wait.value_or(endless.longest_wait), kShortest);
}

// Whether what happened since can still be had by watching on.
bool can_watch_on(const Error& error) {
  return error.code() == ErrorCode::kUnavailable || error.code() == ErrorCode::kDeadlineExceeded ||
         error.code() == ErrorCode::kResourceExhausted;
}

}  // namespace

WatchLoop::WatchLoop(KubeApi& api, Clock& clock, WatchSpec spec, WatchTarget& target)
    : api_(api), clock_(clock), spec_(std::move(spec)), target_(target) {}

void WatchLoop::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const bool watching = !resource_version_.empty();
    const SteadyTime begin = clock_.steady_now();
    const Status status = watching ? watch(stop) : list(stop);
    if (stop.stop_requested()) return;
    if (status.ok() || clock_.steady_now() - begin >= kGoodWatch) failures_ = 0;
    if (status.ok()) continue;
    after_failure(status.error(), watching);
    if (!pause(status.error(), stop)) return;
  }
}

Status WatchLoop::list(const std::stop_token& stop) {
  for (int tried = 1;; ++tried) {
    Status status = list_pages(stop);
    const bool expired = !status.ok() && status.error().code() == ErrorCode::kOutOfRange;
    if (!expired || tried == kListTries) return status;
    not_older_than_.reset();  // a page, or a version, that the server has not any more
  }
}

Status WatchLoop::list_pages(const std::stop_token& stop) {
  ListOptions options{spec_.namespace_name, spec_.label_selector, spec_.field_selector,
                      spec_.detail};
  options.not_older_than = not_older_than_;
  target_.list_begins();
  std::string version;
  do {
    KF_ASSIGN(Page page,
              api_.list(spec_.resource, options, {Deadline::in(clock_, kLongestPage), stop}));
    for (Json& item : page.items) target_.listed(std::move(item));
    options.next = std::move(page.next);
    version = std::move(page.resource_version);
  } while (!options.next.empty());
  if (version.empty()) return Error(ErrorCode::kInternal, "the list has no resource version");
  target_.list_ends();
  resource_version_ = std::move(version);
  contacted();
  return {};
}

Status WatchLoop::watch(const std::stop_token& stop) {
  WatchOptions options{spec_.namespace_name, spec_.label_selector, spec_.field_selector,
                       spec_.detail, resource_version_};
  options.server_ends_in =
      kShortestWatch + std::chrono::seconds(static_cast<int>(kWatchSpread * random_share()));
  const SteadyTime begin = clock_.steady_now();
  KF_TRY(api_.watch(spec_.resource, options, [this](WatchEvent event) { take(std::move(event)); },
                    {Deadline::in(clock_, options.server_ends_in + kGrace), stop}));
  contacted();
  if (clock_.steady_now() - begin >= kShortestGoodEnd) return {};
  return Error(ErrorCode::kUnavailable, "the API server ends each watch at once");
}

void WatchLoop::take(WatchEvent event) {
  contacted();
  if (event.kind == EventKind::kOpened) return;
  if (auto version = event.resource_version(); !version.empty()) {
    resource_version_ = std::move(version);
  }
  if (event.kind != EventKind::kBookmark) target_.changed(std::move(event));
}

void WatchLoop::after_failure(const Error& error, bool was_watching) {
  ++failures_;
  if (was_watching && !can_watch_on(error)) {
    not_older_than_ = std::exchange(resource_version_, "");
  }
  if (error.code() == ErrorCode::kOutOfRange) {
    log::info("a watch begins anew", {{"objects", spec_.resource.display_name()}});
  } else {
    tell_trouble(error);
  }
}

bool WatchLoop::pause(const Error& error, const std::stop_token& stop) {
  return clock_.wait_for(wait_after(failures_, error), stop);
}

void WatchLoop::tell_trouble(const Error& error) {
  target_.troubled(error);
  if (error.message() == told_trouble_) return;
  told_trouble_ = error.message();
  log::warning("the API server cannot be watched", {{"objects", spec_.resource.display_name()},
                                                    {"code", name_of(error.code())},
                                                    {"problem", error.message()}});
}

void WatchLoop::contacted() {
  target_.contacted(clock_.steady_now());
  if (told_trouble_.empty()) return;
  told_trouble_.clear();
  log::info("the API server is watched again", {{"objects", spec_.resource.display_name()}});
}

ObjectWatch::ObjectWatch(KubeApi& api, Clock& clock, WatchSpec spec, WatchTarget& target)
    : loop_(api, clock, std::move(spec), target),
      thread_([this](const std::stop_token& stop) { loop_.run(stop); }) {}

}  // namespace keyferry::kube
