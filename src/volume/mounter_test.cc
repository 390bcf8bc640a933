#include "volume/mounter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/strings.h"

namespace keyferry::volume {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Status write_text(const std::string& path, const std::string& text) {
  std::ofstream(path) << text;
  return {};
}

// Mounts of the tests are seen by nobody else, and end with the program.
void leave_the_others() {
  const uid_t user = geteuid();
  const gid_t group = getegid();
  const int flags = user == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER;
  ASSERT_EQ(unshare(flags), 0) << strerror(errno);  // NOLINT(concurrency-mt-unsafe)
  if (user != 0) {
    ASSERT_TRUE(write_text("/proc/self/setgroups", "deny").ok());
    ASSERT_TRUE(write_text("/proc/self/uid_map", cat("0 ", user, " 1")).ok());
    ASSERT_TRUE(write_text("/proc/self/gid_map", cat("0 ", group, " 1")).ok());
  }
  ASSERT_EQ(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
}

class MounterTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { leave_the_others(); }

  MounterTest() {
    std::string path = "/dev/shm/keyferry-test-XXXXXX";
    path_ = mkdtemp(path.data());
    std::filesystem::create_directory(path_ + "/mount");
    parent_ = std::move(open_dir(path_)).value();
  }
  ~MounterTest() override {
    (void)umount2((path_ + "/mount").c_str(), MNT_DETACH);
    std::filesystem::remove_all(path_);
  }

  // The options of the mount as the kernel shows them.
  std::string options() const {
    std::ifstream mounts("/proc/self/mountinfo");
    for (std::string line; std::getline(mounts, line);) {
      if (line.find(cat(" ", path_, "/mount ")) != std::string::npos) return line;
    }
    return "";
  }
  MountKind kind() const { return mounter_->kind_of(*parent_, "mount").value(); }

  std::string path_;
  std::unique_ptr<Dir> parent_;
  std::unique_ptr<Mounter> mounter_ = make_system_mounter();
};

TEST_F(MounterTest, ATmpfsIsMountedWithAllItsOptionsAndGone) {
  EXPECT_EQ(kind(), MountKind::kNone);
  const Status mounted =
      mounter_->mount_tmpfs(*parent_, "mount", {std::uint64_t{4} << 20, 0750, 0});
  ASSERT_TRUE(mounted.ok()) << mounted.error().message();
  EXPECT_EQ(kind(), MountKind::kTmpfs);
  for (const char* option : {"nosuid", "nodev", "noexec", "size=4096k", "mode=750"}) {
    EXPECT_THAT(options(), HasSubstr(option));
  }
  ASSERT_TRUE(write_text(path_ + "/mount/x", "secret").ok());
  ASSERT_TRUE(mounter_->unmount(*parent_, "mount", Mounter::Users::kKeepIt).ok());
  EXPECT_EQ(kind(), MountKind::kNone);
  EXPECT_FALSE(std::filesystem::exists(path_ + "/mount/x"));
}

TEST_F(MounterTest, AFileSystemOfAnotherKindIsTold) {
  ASSERT_EQ(mount("/dev/shm", (path_ + "/mount").c_str(), nullptr, MS_BIND, nullptr), 0);
  EXPECT_NE(kind(), MountKind::kNone);
}

TEST_F(MounterTest, WhatIsNotMountedCannotBeUnmounted) {
  EXPECT_FALSE(mounter_->unmount(*parent_, "mount", Mounter::Users::kDetach).ok());
  EXPECT_EQ(mounter_->kind_of(*parent_, "nothing").error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(mounter_->mount_tmpfs(*parent_, "nothing", {}).error().code(), ErrorCode::kNotFound);
}

TEST_F(MounterTest, ALinkIsNeverFollowed) {
  std::filesystem::create_directory(path_ + "/elsewhere");
  std::filesystem::create_symlink(path_ + "/elsewhere", path_ + "/link");
  EXPECT_EQ(mounter_->mount_tmpfs(*parent_, "link", {}).error().code(),
            ErrorCode::kFailedPrecondition);
  EXPECT_EQ(mounter_->kind_of(*parent_, "link").error().code(), ErrorCode::kFailedPrecondition);
  ASSERT_TRUE(mounter_->mount_tmpfs(*parent_, "elsewhere", {}).ok());
  EXPECT_FALSE(mounter_->unmount(*parent_, "link", Mounter::Users::kDetach).ok());
  EXPECT_EQ(mounter_->kind_of(*parent_, "elsewhere").value(), MountKind::kTmpfs);
  ASSERT_TRUE(mounter_->unmount(*parent_, "elsewhere", Mounter::Users::kDetach).ok());
}

TEST_F(MounterTest, ABusyVolumeStaysUntilItIsDetached) {
  ASSERT_TRUE(mounter_->mount_tmpfs(*parent_, "mount", {}).ok());
  const std::ofstream user(path_ + "/mount/open");
  const Status busy = mounter_->unmount(*parent_, "mount", Mounter::Users::kKeepIt);
  ASSERT_FALSE(busy.ok());
  EXPECT_EQ(busy.error().code(), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(kind(), MountKind::kTmpfs);
  ASSERT_TRUE(mounter_->unmount(*parent_, "mount", Mounter::Users::kDetach).ok());
  EXPECT_EQ(kind(), MountKind::kNone);
}

TEST_F(MounterTest, AFullVolumeSaysSo) {
  ASSERT_TRUE(mounter_->mount_tmpfs(*parent_, "mount", {8192}).ok());
  const auto volume = open_dir(path_ + "/mount");
  ASSERT_TRUE(volume.ok());
  const Status full = (*volume)->write_new_file("big", std::string(100'000, 'x'), 0644);
  ASSERT_FALSE(full.ok());
  EXPECT_EQ(full.error().code(), ErrorCode::kResourceExhausted);
}

}  // namespace
}  // namespace keyferry::volume
