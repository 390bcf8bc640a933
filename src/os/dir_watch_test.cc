#include "os/dir_watch.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace keyferry {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class WatchedFolder : public testing::Test {
 protected:
  WatchedFolder() {
    std::string path = "/dev/shm/keyferry-watch-XXXXXX";
    path_ = mkdtemp(path.data());
  }
  ~WatchedFolder() override { fs::remove_all(path_); }
  std::string path_;
  std::stop_source stop_;
};

TEST_F(WatchedFolder, AMovedLinkWakesTheWaiter) {
  DirWatch watch(path_);
  ASSERT_TRUE(watch.arm().ok());
  fs::create_symlink("..1", path_ + "/..data_tmp");
  fs::rename(path_ + "/..data_tmp", path_ + "/..data");
  EXPECT_EQ(watch.wait(10s, stop_.get_token()), Woken::kChanged);
  EXPECT_EQ(watch.wait(1ms, stop_.get_token()), Woken::kTime) << "one change wakes once";
}

TEST_F(WatchedFolder, AStopWakesTheWaiter) {
  DirWatch watch(path_);
  ASSERT_TRUE(watch.arm().ok());
  std::jthread stopper([&] { stop_.request_stop(); });
  EXPECT_EQ(watch.wait(1h, stop_.get_token()), Woken::kStopped);
}

TEST_F(WatchedFolder, AFolderThatComesLateIsAChange) {
  DirWatch watch(path_ + "/late");
  EXPECT_EQ(watch.arm().error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(watch.wait(1ms, stop_.get_token()), Woken::kTime);
  fs::create_directory(path_ + "/late");
  EXPECT_EQ(watch.wait(1ms, stop_.get_token()), Woken::kChanged);
}

TEST_F(WatchedFolder, AFolderMadeAnewIsWatchedAgain) {
  const std::string inner = path_ + "/inner";
  fs::create_directory(inner);
  DirWatch watch(inner);
  ASSERT_TRUE(watch.arm().ok());
  fs::remove_all(inner);
  EXPECT_EQ(watch.wait(10s, stop_.get_token()), Woken::kChanged);
  fs::create_directory(inner);
  EXPECT_EQ(watch.wait(10s, stop_.get_token()), Woken::kChanged);
  std::ofstream(inner + "/file") << "x";
  EXPECT_EQ(watch.wait(10s, stop_.get_token()), Woken::kChanged);
}

}  // namespace
}  // namespace keyferry
