#include "catalog/runtime_version.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "catalog/key_table.h"
#include "catalog/settings_list.h"

namespace keyferry::catalog {
namespace {

RuntimeVersion version(std::string_view text) {
  const auto read = runtime_version_of(text);
  EXPECT_TRUE(read) << text;
  return read.value_or(RuntimeVersion{});
}

TEST(RuntimeVersion, IsReadWithTwoToFourParts) {
  EXPECT_EQ(version("9.22"), (RuntimeVersion{9, 22, 0}));
  EXPECT_EQ(version("10.24.14"), (RuntimeVersion{10, 24, 14}));
  EXPECT_EQ(version("9.4.0.24572"), (RuntimeVersion{9, 4, 0}));
  EXPECT_EQ(version(" 11.6.0\n"), (RuntimeVersion{11, 6, 0}));
}

TEST(RuntimeVersion, AnythingElseIsNone) {
  for (const std::string_view text : {"", "9", "9.", ".9", "9.22.x", "v9.22", "9.22-beta", "9.-1",
                                      "9.22.0.1.2", "9..22", "99999999999.1", "9 .22"}) {
    EXPECT_FALSE(runtime_version_of(text)) << text;
  }
}

TEST(RuntimeVersion, ComparesByNumbersNotByText) {
  EXPECT_LT(version("9.9"), version("9.22"));
  EXPECT_LT(version("9.24.9"), version("9.24.41"));
  EXPECT_LT(version("9.99.99"), version("10.0"));
  EXPECT_EQ(version("9.22"), version("9.22.0.777"));
}

TEST(RuntimeVersion, IsWrittenWithThreeParts) {
  EXPECT_EQ(to_text(version("9.22")), "9.22.0");
  EXPECT_EQ(to_text(version("9.4.0.24572")), "9.4.0");
}

TEST(RuntimeVersion, TheGatesAreThoseOfTheReleaseNotes) {
  EXPECT_EQ(to_text(kS3ByRoleSince), "9.20.0");
  EXPECT_EQ(to_text(kLiveDatabasePasswordSince), "9.22.0");
  EXPECT_EQ(to_text(kAzureIdentitySince), "10.10.0");
  EXPECT_EQ(to_text(kAesOnlySince), "11.6.0");
}

TEST(RuntimeVersion, TheS3RegionIsNeededFromThreePlacesOn) {
  const std::pair<std::string_view, bool> rows[] = {
      {"8.18.30", false}, {"9.24.40", false},  {"9.24.41", true},  {"9.25.0", true},
      {"10.0.0", false},  {"10.24.13", false}, {"10.24.14", true}, {"11.0.0", false},
      {"11.5.9", false},  {"11.6.0", true},    {"12.0.0", true},
  };
  for (const auto& [text, needed] : rows) EXPECT_EQ(needs_s3_region(version(text)), needed) << text;
}

TEST(RuntimeVersion, NoFilesIsKnownFrom912AndInTheLate96) {
  const std::pair<std::string_view, bool> rows[] = {
      {"8.18.0", false}, {"9.6.10", false}, {"9.6.11", true}, {"9.6.99", true},
      {"9.7.0", false},  {"9.11.9", false}, {"9.12.0", true}, {"10.0.0", true},
  };
  for (const auto& [text, known] : rows) EXPECT_EQ(knows_no_files(version(text)), known) << text;
}

TEST(SettingsList, WhatTheOperatorOwnsIsNamed) {
  for (const std::string_view name : {"BasePath", "RuntimePath", "DTAPMode", "MicroflowConstants",
                                      "com.mendix.core.isClusterSlave"}) {
    EXPECT_TRUE(is_owned_by_operator(name)) << name;
  }
  for (const std::string_view name : {"com.mendix.storage.s3.Region", "JdbcLoginTimeout", ""}) {
    EXPECT_FALSE(is_owned_by_operator(name)) << name;
  }
}

TEST(SettingsList, IsSortedAndHoldsNoDedicatedSetting) {
  const auto names = other_settings();
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  for (const std::string_view name : names) EXPECT_EQ(row_of_setting(name), nullptr) << name;
}

}  // namespace
}  // namespace keyferry::catalog
