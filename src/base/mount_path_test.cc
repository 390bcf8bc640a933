#include "base/mount_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace keyferry {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(MountPath, GoodPathsHaveNoFault) {
  const std::string longest_part(255, 'a');
  EXPECT_THAT(
      mount_path_faults({"a", "b/c", "b/d/e", ".hidden", "a..b", "x/..y", "ä b", longest_part}),
      IsEmpty());
  EXPECT_THAT(mount_path_faults({}), IsEmpty());
}

TEST(MountPath, EveryWrongPathIsToldWhy) {
  const std::string long_part(256, 'a');
  std::string long_path;
  while (long_path.size() <= 4096) long_path += "abcdefg/";
  long_path += "end";
  const struct {
    std::string path;
    const char* message;
  } rows[] = {
      {"", "is empty"},
      {"/a", "absolute"},
      {"..", "leads out"},
      {"../a", "leads out"},
      {"mx-const-../../x", "leads out"},
      {"a/..", "leads out"},
      {"..data", "keeps for itself"},
      {"./a", "'.' part"},
      {"a//b", "empty"},
      {"a/", "empty"},
      {long_part, "255"},
      {"a/" + long_part, "255"},
      {long_path, "4096"},
      {"two\nlines", "control character"},
      {std::string("nul\0byte", 8), "control character"},
      {"del\x7F", "control character"},
  };
  for (const auto& row : rows) {
    const auto faults = mount_path_faults({row.path});
    ASSERT_EQ(faults.size(), 1U) << row.path;
    EXPECT_THAT(std::string(faults[0].message), HasSubstr(row.message)) << row.path;
    EXPECT_FALSE(faults[0].remedy.empty()) << row.path;
    EXPECT_FALSE(faults[0].other) << row.path;
  }
}

TEST(MountPath, PathsThatCannotStandTogetherNameEachOther) {
  const auto faults = mount_path_faults({"a/b/c", "x", "a", "x", "a/d", "../x", "../x"});
  ASSERT_EQ(faults.size(), 5U);
  EXPECT_EQ(faults[0].path, 0U);  // a/b/c needs a folder a
  EXPECT_EQ(faults[0].other, 2U);
  EXPECT_EQ(faults[1].path, 3U);
  EXPECT_EQ(faults[1].other, 1U);
  EXPECT_EQ(faults[1].message, "is wanted twice");
  EXPECT_EQ(faults[2].path, 4U);
  EXPECT_EQ(faults[2].other, 2U);
  EXPECT_EQ(faults[3].path, 5U);
  EXPECT_EQ(faults[4].path, 6U);
}

}  // namespace
}  // namespace keyferry
