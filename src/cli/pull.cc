#include <string.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>

#include "base/strings.h"
#include "cli/class_check.h"
#include "cli/cli.h"
#include "cli/manifest_files.h"
#include "cli/problem_output.h"
#include "cli/store_session.h"
#include "cli/verbs.h"
#include "fetch/fetcher.h"
#include "fetch/schedule.h"
#include "net/digest.h"
#include "os/process.h"
#include "volume/atomic_writer.h"
#include "volume/plan.h"
#include "volume/tmpfs.h"

namespace keyferry::cli {

namespace {

// Whoever stopped us waits, kubelet for 30 s.
constexpr std::chrono::milliseconds kLongestRelease{10'000};

Status check_memory(const PullOptions& options, const Dir& dir) {
  KF_ASSIGN(const bool in_memory, volume::is_memory_backed(dir));
  if (in_memory || options.allow_disk) return {};
  return Error(ErrorCode::kFailedPrecondition,
               cat("--out: '", options.out,
                   "' is not in memory, so values would reach a disk; use a tmpfs such as "
                   "/dev/shm, or say --allow-disk"));
}

Result<std::unique_ptr<Dir>> opened(const std::string& path) {
  return open_dir(path).with_context("--out").with_remedy("name a folder, or a new one inside one");
}

// Makes the folder, but nothing where it could not be used.
Status make_out(const PullOptions& options) {
  const std::string path = options.out.substr(0, options.out.find_last_not_of('/') + 1);
  const auto cut = path.rfind('/');
  const bool is_relative = cut == std::string::npos;
  KF_ASSIGN(const auto above, opened(is_relative ? "." : path.substr(0, cut + 1)));
  KF_TRY(check_memory(options, *above));
  constexpr mode_t kOursAlone =
      0700;  // files inside may be for everybody: that is the class's word
  return above->make_dir(is_relative ? path : path.substr(cut + 1), kOursAlone)
      .with_context("--out")
      .with_remedy("name a folder that can be written to");
}

// A generation is replaced as a whole, and whatever else was written into it is lost.
Status check_not_inside_a_set(const std::string& out) {
  const std::string path = std::filesystem::path(out).lexically_normal().string();
  for (const std::string_view part : split(path, '/')) {
    if (part != "..data" && !volume::is_generation(part)) continue;
    return Error(ErrorCode::kInvalidArgument,
                 cat("--out: '", out, "' lies inside a set of secrets ('", part,
                     "'); name the folder that holds it"));
  }
  return {};
}

// The folder to write to: made when missing, in memory unless allowed otherwise, ours alone.
Result<std::unique_ptr<Dir>> open_out(const PullOptions& options) {
  KF_TRY(check_not_inside_a_set(options.out));
  const auto present = open_dir(options.out);
  if (!present.ok() && present.error().code() == ErrorCode::kNotFound) KF_TRY(make_out(options));
  KF_ASSIGN(auto dir, opened(options.out));
  KF_TRY(check_memory(options, *dir));
  if (flock(dir->descriptor(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) {
      return Error(ErrorCode::kInternal,
                   cat("--out: lock '", options.out, "': ", strerrordesc_np(errno),
                       "; name a folder on a file system that can be locked"));
    }
    return Error(ErrorCode::kAlreadyExists, cat("--out: another keyferry writes to '", options.out,
                                                "'; one writer at a time"));
  }
  return dir;
}

std::vector<volume::WantedFile> wanted_files(const fetch::SecretSet& set, mode_t default_mode) {
  std::vector<volume::WantedFile> files;
  for (const auto& [id, file] : set.files) {
    files.push_back({file->path, file->contents.expose(), file->mode.value_or(default_mode)});
  }
  return files;
}

std::string_view write_remedy(ErrorCode code) {
  if (code == ErrorCode::kResourceExhausted) return "make room there, or mount a larger tmpfs";
  if (code == ErrorCode::kInvalidArgument) return "correct the class, or the secret's keys";
  return code == ErrorCode::kPermissionDenied ? "let this user write there"
                                              : "name another folder with --out";
}

struct Pulled {
  volume::WriteResult written;
  std::optional<SteadyTime> look_again_at;  // the store's own wish
};

// One look at the store and, if something changed, one write.
class Puller {
 public:
  Puller(const PullOptions& options, const manifest::SecretProviderClass& spc,
         StoreSession& session, std::unique_ptr<Dir> out)
      : options_(options),
        spc_(spc),
        session_(session),
        out_(std::move(out)),
        fetcher_(*session.store, session.clock) {}

  Result<Pulled> pull(const std::stop_token& stop, RequestPriority priority) {
    const auto answer = fetcher_.fetch(question(stop, priority));
    if (!answer.ok()) return answer.error().with_context(spc_.meta.display_name());
    if (out_ == nullptr) {
      KF_ASSIGN(out_, open_out(options_));
    }
    auto written = volume::write_set(*out_, wanted_files(*answer->set, options_.mode),
                                     {session_.clock, volume::random_digits});
    if (written.ok()) return Pulled{std::move(written).value(), answer->look_again_at};
    out_.reset();  // it may have been taken away: the next look opens what is there then
    const std::string_view remedy = write_remedy(written.error().code());
    return std::move(written)
        .error()
        .with_context(cat("write to '", options_.out, "'"))
        .with_remedy(remedy);
  }

  // Gives logins and leases back.
  Status release() {
    fetch::Question asked = question({}, RequestPriority::kNormal);
    asked.deadline = Deadline::in(session_.clock, std::min(options_.timeout, kLongestRelease));
    return fetcher_.release(asked);
  }

 private:
  fetch::Question question(const std::stop_token& stop, RequestPriority priority) {
    return {
        session_.pod, spc_,     *session_.tokens, Deadline::in(session_.clock, options_.timeout),
        stop,         priority, session_.secrets};
  }

  const PullOptions& options_;
  const manifest::SecretProviderClass& spc_;
  StoreSession& session_;
  std::unique_ptr<Dir> out_;
  fetch::Fetcher fetcher_;
};

void log_written(const volume::WriteResult& result, Duration took) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
  log::info("set written", {{"generation", result.generation},
                            {"added", join(result.added, ",")},
                            {"changed", join(result.changed, ",")},
                            {"removed", join(result.removed, ",")},
                            {"milliseconds", ms}});
}

void give_back(Puller& puller) {
  const Status released = puller.release();
  if (released.ok()) {
    log::info("logins and leases were given back");
  } else {
    log::warning("logins or leases were not given back, they end by themselves",
                 {{"error", released.error().message()}});
  }
}

// Asks again and again until stopped. A failure leaves the last good set; it is logged once per
// look and the next look comes when the schedule says, or when the store wants one.
int watch(Puller& puller, const PullOptions& options, Clock& clock, const std::stop_token& stop) {
  fetch::Schedule schedule({*options.watch}, random_share);
  RequestPriority priority = RequestPriority::kNormal;  // until the first set is there
  std::optional<SteadyTime> wanted;                     // by the store, when last it answered
  while (!stop.stop_requested()) {
    const SteadyTime begin = clock.steady_now();
    const auto result = puller.pull(stop, priority);
    if (stop.stop_requested()) break;
    SteadyTime next{};
    if (result.ok()) {
      if (result->written.outcome == volume::WriteOutcome::kWritten) {
        log_written(result->written, clock.steady_now() - begin);
      }
      priority = RequestPriority::kBackground;
      wanted = result->look_again_at;
      next = clock.steady_now() + schedule.after_success();
    } else {
      const auto wait = schedule.after_failure(result.error());
      next = clock.steady_now() + wait;
      log::error("pull failed, what was written before stays",
                 {{"error", result.error().message()},
                  {"code", name_of(result.error().code())},
                  {"failures_in_a_row", schedule.failures_in_a_row()},
                  {"next_try_milliseconds", wait.count()}});
    }
    if (wanted && *wanted > clock.steady_now()) next = std::min(next, *wanted);
    clock.wait_until(next, stop);
  }
  if (options.revoke_on_exit) give_back(puller);
  log::info("stopped");
  return kGood;
}

int pull_once(Puller& puller, const PullOptions& options, const std::stop_token& stop,
              Terminal& terminal) {
  const auto result = puller.pull(stop, RequestPriority::kNormal);
  if (!result.ok()) {
    complain_about(result.error(), terminal);
    return kProblems;
  }
  if (result->written.outcome == volume::WriteOutcome::kUnchanged) {
    terminal.print_line(cat("unchanged: ", options.out));
    return kGood;
  }
  terminal.print_line(cat("written: ", options.out, " (", result->written.added.size(), " added, ",
                          result->written.changed.size(), " changed, ",
                          result->written.removed.size(), " removed)"));
  return kGood;
}

void log_problem(const Problem& problem) {
  const bool is_error = problem.severity == Severity::kError;
  log::write(is_error ? log::Level::kError : log::Level::kWarning, "manifest problem",
             {{"file", problem.file},
              {"line", problem.line},
              {"object", problem.object},
              {"field", problem.field},
              {"problem", problem.message},
              {"remedy", problem.remedy}});
}

// Says it to a person, or in the log of a program that keeps running. Whether one can go on.
bool tell(const Problems& problems, const PullOptions& options, Terminal& terminal) {
  if (!options.watch) complain_about(problems, terminal);
  for (const Problem& problem : problems) {
    if (options.watch) log_problem(problem);
  }
  return !has_errors(problems);
}

int pull_class(const PullOptions& options, const manifest::SecretProviderClass& spc,
               StoreSession& session, const SignalStop& signals, Terminal& terminal) {
  auto out = open_out(options);
  if (!out.ok()) {
    complain_about(out.error(), terminal);
    return kProblems;
  }
  Puller puller(options, spc, session, std::move(out).value());
  if (options.watch) return watch(puller, options, session.clock, signals.token());
  return pull_once(puller, options, signals.token(), terminal);
}

}  // namespace

int run_verb(const PullOptions& options, Terminal& terminal) {
  log::set_up(options.log.level, options.log.format);
  const manifest::Manifests manifests = read_manifests(options.files);  // Ctrl-C still ends us
  const SignalStop signals;
  if (!tell(manifests.problems, options, terminal)) return kProblems;
  const auto spc = chosen_spc(manifests, options.spc);
  if (!spc.ok()) {
    complain_about(spc.error(), terminal);
    return kProblems;
  }
  if (!tell(check_class(**spc).problems, options, terminal)) return kProblems;
  auto session = open_session(manifests, **spc, options.identity, options.store);
  if (!session.ok()) {
    complain_about(session.error(), terminal);
    return kProblems;
  }
  return pull_class(options, **spc, **session, signals, terminal);
}

}  // namespace keyferry::cli
