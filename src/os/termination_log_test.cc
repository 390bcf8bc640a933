#include "os/termination_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "os/dir.h"

namespace keyferry {
namespace {

using ::testing::StartsWith;

class TerminationLog : public testing::Test {
 protected:
  TerminationLog() {
    std::string folder = "/dev/shm/keyferry-log-XXXXXX";
    folder_ = mkdtemp(folder.data());
    path_ = folder_ + "/termination-log";
  }
  ~TerminationLog() override { std::filesystem::remove_all(folder_); }

  void make(std::string_view text) const { std::ofstream(path_) << text; }
  std::string contents() const { return std::string(read_file(path_, 1U << 20)->expose()); }

  std::string folder_;
  std::string path_;
};

TEST_F(TerminationLog, TheReasonReplacesWhatWasThere) {
  make("a longer reason of the time before");
  ASSERT_TRUE(write_termination_message(path_, "gave up").ok());
  EXPECT_EQ(contents(), "gave up");
  ASSERT_TRUE(write_termination_message(path_, "").ok());
  EXPECT_EQ(contents(), "");
}

TEST_F(TerminationLog, KubeletShowsFourKibibytesSoNoMoreIsWritten) {
  make("");
  const std::string long_reason = std::string(4096, 'a') + "b";
  ASSERT_TRUE(write_termination_message(path_, long_reason).ok());
  EXPECT_EQ(contents(), std::string(4096, 'a'));
}

TEST_F(TerminationLog, WhereKubeletMadeNoFileNoneIsMade) {
  const Status status = write_termination_message(path_, "gave up");
  EXPECT_EQ(status.error().code(), ErrorCode::kNotFound);
  EXPECT_THAT(status.error().message(), StartsWith("termination message '" + path_ + "': No such"));
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(TerminationLog, AFileThatTakesNothingIsSaid) {
  EXPECT_THAT(write_termination_message("/dev/full", "gave up").error().message(),
              StartsWith("termination message '/dev/full': No space"));
}

}  // namespace
}  // namespace keyferry
