// The writer stopped after every single operation, and killed by SIGKILL after every single
// system call: whatever the moment, readers have a whole set, and the next write heals the rest.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "base/fake_clock.h"
#include "volume/atomic_writer.h"
#include "volume/temp_volume.h"

namespace keyferry::volume {
namespace {

using Contents = std::map<std::string, std::string>;

struct Files {
  std::string path;
  std::string contents;
  mode_t mode = 0644;
};

std::vector<WantedFile> wanted(const std::vector<Files>& files) {
  std::vector<WantedFile> list;
  list.reserve(files.size());
  for (const Files& file : files) list.push_back({file.path, file.contents, file.mode});
  return list;
}

Contents contents_of(const std::vector<Files>& files) {
  Contents contents;
  for (const Files& file : files) contents[file.path] = file.contents;
  return contents;
}

struct Change {
  const char* title;
  std::vector<Files> before;  // empty: the first write
  std::vector<Files> after;
};

const Change kChanges[] = {
    {"first write", {}, {{"a", "1"}, {"b/c", "1"}}},
    {"new contents", {{"a", "1"}, {"b/c", "1"}}, {{"a", "2"}, {"b/c", "2"}}},
    {"one more, one less", {{"a", "1"}, {"b/c", "1"}}, {{"a", "2"}, {"d/e/f", "2"}}},
    {"mode only", {{"a", "1", 0644}}, {{"a", "1", 0400}}},
    {"all gone", {{"a", "1"}, {"b", "1"}}, {}},
};

// Forwards to a real directory until a number of changes is used up; then every call fails, as if
// the process were gone.
class StoppingDir final : public Dir {
 public:
  StoppingDir(std::unique_ptr<Dir> below, int& left) : below_(std::move(below)), left_(left) {}

  Result<std::vector<DirEntry>> list() const override { return below_->list(); }
  Result<FileInfo> info(const std::string& name) const override {
    if (left_ < 0) return dead();
    return below_->info(name);
  }
  Result<std::string> read_link(const std::string& name) const override {
    return below_->read_link(name);
  }
  Result<FileContents> read_file(const std::string& name, std::size_t limit) const override {
    return below_->read_file(name, limit);
  }
  Result<std::unique_ptr<Dir>> open_dir(const std::string& name) const override {
    KF_ASSIGN(auto dir, below_->open_dir(name));
    return std::unique_ptr<Dir>(std::make_unique<StoppingDir>(std::move(dir), left_));
  }
  Status make_dir(const std::string& name, mode_t mode) override {
    return step([&] { return below_->make_dir(name, mode); });
  }
  Status write_new_file(const std::string& name, std::string_view bytes, mode_t mode) override {
    return step([&] { return below_->write_new_file(name, bytes, mode); });
  }
  Status set_mode(const std::string& name, mode_t mode) override {
    return step([&] { return below_->set_mode(name, mode); });
  }
  Status set_group(const std::string& name, gid_t group) override {
    return step([&] { return below_->set_group(name, group); });
  }
  Status make_link(const std::string& target, const std::string& name) override {
    return step([&] { return below_->make_link(target, name); });
  }
  Status rename(const std::string& from, const std::string& to) override {
    return step([&] { return below_->rename(from, to); });
  }
  Status remove_file(const std::string& name) override {
    return step([&] { return below_->remove_file(name); });
  }
  Status remove_dir(const std::string& name) override {
    return step([&] { return below_->remove_dir(name); });
  }
  int descriptor() const override { return below_->descriptor(); }

 private:
  static Error dead() { return Error(ErrorCode::kInternal, "stopped"); }
  template <class Operation>
  Status step(const Operation& operation) {
    if (--left_ < 0) return dead();
    return operation();
  }

  std::unique_ptr<Dir> below_;
  int& left_;
};

void expect_whole_then_heal(TempVolume& volume, const Change& change, const std::string& when) {
  FakeClock clock;
  const Contents before = contents_of(change.before);
  const Contents after = contents_of(change.after);
  const Contents by_name = volume.contents_by_name();
  EXPECT_TRUE(by_name == before || by_name == after) << change.title << ", " << when;
  if (volume.dir().read_link("..data").ok()) {
    const Contents behind_data = volume.contents();
    EXPECT_TRUE(behind_data == before || behind_data == after) << change.title << ", " << when;
  } else {
    EXPECT_TRUE(change.before.empty()) << change.title << ", " << when;
  }
  const auto healed = write_set(volume.dir(), wanted(change.after), {clock, random_digits});
  ASSERT_TRUE(healed.ok()) << healed.error().message();
  EXPECT_EQ(volume.contents_by_name(), after) << change.title << ", " << when;
  EXPECT_TRUE(volume.leftovers().empty()) << change.title << ", " << when;
}

TEST(KilledWriter, StoppedAfterEveryOperationLeavesTheOldOrTheNewSet) {
  FakeClock clock;
  for (const Change& change : kChanges) {
    bool finished = false;
    for (int operations = 0; !finished; ++operations) {
      ASSERT_LT(operations, 100);
      TempVolume volume;
      if (!change.before.empty()) {
        ASSERT_TRUE(write_set(volume.dir(), wanted(change.before), {clock, random_digits}).ok());
      }
      int left = operations;
      StoppingDir dir(std::move(open_dir(volume.path())).value(), left);
      (void)write_set(dir, wanted(change.after), {clock, random_digits}).ok();
      finished = left >= 0;
      expect_whole_then_heal(volume, change, "after " + std::to_string(operations));
    }
  }
}

// They were removed before there was anything to put in their place.
TEST(KilledWriter, FilesThatGiveWayAreThereUntilTheSetIs) {
  FakeClock clock;
  const std::vector<Files> files = {{"a", "new"}, {"b", "new"}};
  bool finished = false;
  for (int operations = 0; !finished; ++operations) {
    ASSERT_LT(operations, 100);
    TempVolume volume;
    for (const char* name : {"a", "b"}) {
      ASSERT_TRUE(volume.dir().write_new_file(name, "old", 0644).ok());
    }
    int left = operations;
    StoppingDir dir(std::move(open_dir(volume.path())).value(), left);
    (void)write_set(dir, wanted(files), {clock, random_digits}).ok();
    finished = left >= 0;
    const Contents now = volume.contents_by_name();
    for (const char* name : {"a", "b"}) {
      ASSERT_TRUE(now.contains(name)) << "after " << operations;
      EXPECT_TRUE(now.at(name) == "new" || !volume.dir().info("..data").ok() ||
                  volume.contents() == contents_of(files));
    }
    ASSERT_TRUE(write_set(volume.dir(), wanted(files), {clock, random_digits}).ok());
    EXPECT_EQ(volume.contents_by_name(), contents_of(files));
    EXPECT_TRUE(volume.leftovers().empty());
  }
}

// Runs write_set in a child and kills it when it has made `calls` system calls. True when the
// child came to its end before that.
bool write_and_kill(const std::string& path, const std::vector<Files>& files, int calls) {
  const auto list = wanted(files);
  FakeClock clock;
  auto dir = std::move(open_dir(path)).value();
  const pid_t child = fork();
  if (child == 0) {
    ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    raise(SIGSTOP);
    const bool good = write_set(*dir, list, {clock, random_digits}).ok();
    _exit(good ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  // Two stops per call: on its way in and on its way out.
  for (int stop = 0; stop < 2 * calls; ++stop) {
    ptrace(PTRACE_SYSCALL, child, nullptr, nullptr);
    waitpid(child, &status, 0);
    if (WIFEXITED(status)) {
      EXPECT_EQ(WEXITSTATUS(status), 0);
      return true;
    }
  }
  kill(child, SIGKILL);
  waitpid(child, &status, 0);
  return false;
}

TEST(KilledWriter, KilledAfterEverySystemCallLeavesTheOldOrTheNewSet) {
  FakeClock clock;
  for (const Change& change : kChanges) {
    bool finished = false;
    int calls = 0;
    for (; !finished; ++calls) {
      ASSERT_LT(calls, 500);
      TempVolume volume;
      if (!change.before.empty()) {
        ASSERT_TRUE(write_set(volume.dir(), wanted(change.before), {clock, random_digits}).ok());
      }
      finished = write_and_kill(volume.path(), change.after, calls);
      expect_whole_then_heal(volume, change, "after call " + std::to_string(calls));
    }
    EXPECT_GT(calls, 15) << change.title << ": were the system calls counted?";
  }
}

}  // namespace
}  // namespace keyferry::volume
