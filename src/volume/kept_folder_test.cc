#include "volume/kept_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "volume/temp_volume.h"

namespace keyferry::volume {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class KeptFolderTest : public ::testing::Test {
 protected:
  std::string loaded(const std::string& name) {
    const auto text = kept->load(name);
    return text.ok() ? std::string(text->expose()) : text.error().message();
  }
  TempVolume folder;
  std::unique_ptr<KeptState> kept = std::move(open_kept_folder(folder.path())).value();
};

TEST_F(KeptFolderTest, WhatIsSavedIsReadBackByAnotherAndErased) {
  EXPECT_EQ(kept->load("a").error().code(), ErrorCode::kNotFound);
  ASSERT_TRUE(kept->save("a", Secret("one")).ok());
  ASSERT_TRUE(kept->save("a", Secret("two")).ok());
  kept.reset();
  kept = std::move(open_kept_folder(folder.path())).value();
  EXPECT_EQ(loaded("a"), "two");
  EXPECT_THAT(std::move(kept->names()).value(), ElementsAre("a"));
  EXPECT_EQ(folder.dir().info("a")->permissions, 0600U);
  EXPECT_TRUE(kept->erase("a").ok());
  EXPECT_TRUE(kept->erase("a").ok()) << "once more is nothing";
  EXPECT_THAT(std::move(folder.dir().list()).value(), IsEmpty());
}

// Two pulls of one account ended each other's leases.
TEST_F(KeptFolderTest, AFolderIsOpenInOneProgramAtATime) {
  const auto second = open_kept_folder(folder.path());
  ASSERT_FALSE(second.ok());
  EXPECT_THAT(second.error().message(), HasSubstr("another program has it open"));
  kept.reset();
  EXPECT_TRUE(open_kept_folder(folder.path()).ok());
}

TEST_F(KeptFolderTest, WhatAKilledProgramLeftIsNoObstacle) {
  ASSERT_TRUE(folder.dir().write_new_file("a_tmp", "ha", 0600).ok());
  ASSERT_TRUE(kept->save("a", Secret("whole")).ok());
  EXPECT_EQ(loaded("a"), "whole");
}

TEST_F(KeptFolderTest, AFileThatOthersMayReadIsNotUsed) {
  ASSERT_TRUE(kept->save("a", Secret("one")).ok());
  ASSERT_TRUE(folder.dir().set_mode("a", 0640).ok());
  EXPECT_THAT(loaded("a"), HasSubstr("others may read"));
}

// In a folder that others may write to, one could have put it there.
TEST_F(KeptFolderTest, AFileOfAnotherUserIsNotUsed) {
  ASSERT_TRUE(kept->save("a", Secret("one")).ok());
  KeptFolder of_another(std::move(open_dir(folder.path())).value(), geteuid() + 1);
  EXPECT_THAT(of_another.load("a").error().message(), HasSubstr("belongs to user"));
}

TEST(OpenKeptFolder, ItIsMadeInMemoryOnly) {
  TempVolume folder;
  EXPECT_TRUE(open_kept_folder(folder.path() + "/made").ok());
  EXPECT_EQ(folder.dir().info("made")->permissions, 0700U);
  for (const std::string& path :
       {folder.path() + "/not/there", std::string("/proc"), std::string("/proc/none")}) {
    EXPECT_FALSE(open_kept_folder(path).ok()) << path;
  }
}

}  // namespace
}  // namespace keyferry::volume
