#include <sys/file.h>

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
#include "volume/tmpfs.h"

namespace keyferry::cli {

namespace {

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

// The folder to write to: made when missing, in memory unless allowed otherwise, ours alone.
Result<std::unique_ptr<Dir>> open_out(const PullOptions& options) {
  const auto present = open_dir(options.out);
  if (!present.ok() && present.error().code() == ErrorCode::kNotFound) KF_TRY(make_out(options));
  KF_ASSIGN(auto dir, opened(options.out));
  KF_TRY(check_memory(options, *dir));
  if (flock(dir->descriptor(), LOCK_EX | LOCK_NB) != 0) {
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
  return code == ErrorCode::kPermissionDenied ? "let this user write there"
                                              : "name another folder with --out";
}

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

  Result<volume::WriteResult> pull(const std::stop_token& stop) {
    const Deadline deadline = Deadline::in(session_.clock, options_.timeout);
    const auto set = fetcher_.fetch({session_.pod, spc_, *session_.tokens, deadline, stop});
    if (!set.ok()) return set.error().with_context(spc_.meta.display_name());
    if (out_ == nullptr) {
      KF_ASSIGN(out_, open_out(options_));
    }
    auto written = volume::write_set(*out_, wanted_files(**set, options_.mode),
                                     {session_.clock, volume::random_digits});
    if (written.ok()) return written;
    out_.reset();  // it may have been taken away: the next look opens what is there then
    const std::string_view remedy = write_remedy(written.error().code());
    return std::move(written)
        .with_context(cat("write to '", options_.out, "'"))
        .with_remedy(remedy);
  }

 private:
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

// Asks again and again until stopped. A failure leaves the last good set; it is logged once per
// look and the next look comes when the schedule says.
int watch(Puller& puller, const PullOptions& options, Clock& clock, const std::stop_token& stop) {
  fetch::Schedule schedule({*options.watch}, random_share);
  while (!stop.stop_requested()) {
    const SteadyTime begin = clock.steady_now();
    const auto result = puller.pull(stop);
    if (stop.stop_requested()) break;
    std::chrono::milliseconds wait{0};
    if (result.ok()) {
      if (result->outcome == volume::WriteOutcome::kWritten) {
        log_written(*result, clock.steady_now() - begin);
      }
      wait = schedule.after_success();
    } else {
      wait = schedule.after_failure(result.error());
      log::error("pull failed, what was written before stays",
                 {{"error", result.error().message()},
                  {"code", name_of(result.error().code())},
                  {"failures_in_a_row", schedule.failures_in_a_row()},
                  {"next_try_milliseconds", wait.count()}});
    }
    clock.wait_for(wait, stop);
  }
  log::info("stopped");
  return kGood;
}

int pull_once(Puller& puller, const PullOptions& options, const std::stop_token& stop,
              Terminal& terminal) {
  const auto result = puller.pull(stop);
  if (!result.ok()) {
    complain_about(result.error(), terminal);
    return kProblems;
  }
  if (result->outcome == volume::WriteOutcome::kUnchanged) {
    terminal.print_line(cat("unchanged: ", options.out));
    return kGood;
  }
  terminal.print_line(cat("written: ", options.out, " (", result->added.size(), " added, ",
                          result->changed.size(), " changed, ", result->removed.size(),
                          " removed)"));
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
  const SignalStop signals;
  const manifest::Manifests manifests = read_manifests(options.files);
  if (!tell(manifests.problems, options, terminal)) return kProblems;
  const auto spc = chosen_spc(manifests, options.spc);
  if (!spc.ok()) {
    complain_about(spc.error(), terminal);
    return kProblems;
  }
  if (!tell(check_class(**spc).problems, options, terminal)) return kProblems;
  auto session = open_session(manifests, **spc, options.identity);
  if (!session.ok()) {
    complain_about(session.error(), terminal);
    return kProblems;
  }
  return pull_class(options, **spc, **session, signals, terminal);
}

}  // namespace keyferry::cli
