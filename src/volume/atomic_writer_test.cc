#include "volume/atomic_writer.h"

#include <gtest/gtest.h>

#include <functional>

#include <thread>

#include "base/fake_clock.h"
#include "volume/temp_volume.h"

namespace keyferry::volume {
namespace {

using Contents = std::map<std::string, std::string>;

std::vector<WantedFile> wanted(const Contents& contents, mode_t mode = 0644) {
  std::vector<WantedFile> files;
  for (const auto& [path, bytes] : contents) files.push_back({path, bytes, mode});
  return files;
}

struct AtomicWriter : testing::Test {
  Result<WriteResult> write(const Contents& contents, mode_t mode = 0644) {
    return write_set(volume.dir(), wanted(contents, mode), parts);
  }
  std::uint64_t inode_of(const std::string& name) { return volume.dir().info(name)->inode; }

  FakeClock clock;
  WriteParts parts{clock, random_digits};
  TempVolume volume;
};

TEST_F(AtomicWriter, TheFirstWriteHasTheLayoutOfASecretVolume) {
  const auto result = write({{"password", "Welc0me!"}, {"tls/cert.pem", "pem"}});
  ASSERT_TRUE(result.ok()) << result.error().message();
  EXPECT_EQ(result->outcome, WriteOutcome::kWritten);
  EXPECT_TRUE(result->generation.starts_with("..2023_11_14_22_13_20.")) << result->generation;
  EXPECT_EQ(*volume.dir().read_link("..data"), result->generation);
  EXPECT_EQ(*volume.dir().read_link("password"), "..data/password");
  EXPECT_EQ(*volume.dir().read_link("tls"), "..data/tls");
  EXPECT_EQ(volume.dir().info(result->generation)->permissions, 0755U);
  EXPECT_EQ(volume.dir().info(result->generation + "/password")->permissions, 0644U);
  EXPECT_EQ(volume.contents_by_name(),
            (Contents{{"password", "Welc0me!"}, {"tls/cert.pem", "pem"}}));
}

TEST_F(AtomicWriter, ModesAreExactWhateverTheUmask) {
  const mode_t before = umask(077);
  ASSERT_TRUE(write({{"a/b", "1"}}, 0666).ok());
  umask(before);
  const std::string generation = *volume.dir().read_link("..data");
  EXPECT_EQ(volume.dir().info(generation)->permissions, 0755U);
  EXPECT_EQ(volume.dir().info(generation + "/a")->permissions, 0755U);
  EXPECT_EQ(volume.dir().info(generation + "/a/b")->permissions, 0666U);
}

TEST_F(AtomicWriter, UnchangedContentTouchesNothing) {
  ASSERT_TRUE(write({{"a", "1"}}).ok());
  const auto data = inode_of("..data");
  const auto again = write({{"a", "1"}});
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->outcome, WriteOutcome::kUnchanged);
  EXPECT_EQ(inode_of("..data"), data);
}

// The stock driver compares contents only, so that a changed filePermission was never applied.
TEST_F(AtomicWriter, AChangedModeAloneIsApplied) {
  ASSERT_TRUE(write({{"a", "1"}}, 0644).ok());
  const auto result = write({{"a", "1"}}, 0400);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->changed, std::vector<std::string>{"a"});
  EXPECT_EQ(volume.dir().info(result->generation + "/a")->permissions, 0400U);
}

// The stock driver fails for ever once a crash has left ..data_tmp behind.
TEST_F(AtomicWriter, AStaleDataTmpHeals) {
  ASSERT_TRUE(write({{"a", "1"}}).ok());
  ASSERT_TRUE(volume.dir().make_link("..gone", "..data_tmp").ok());
  ASSERT_TRUE(write({{"a", "2"}}).ok());
  EXPECT_EQ(volume.contents(), (Contents{{"a", "2"}}));
  EXPECT_TRUE(volume.leftovers().empty());
}

// A link that somebody put at a wanted name was taken for ours: readers got what it led to.
TEST_F(AtomicWriter, ALinkThatLeadsElsewhereIsPutRight) {
  ASSERT_TRUE(volume.dir().write_new_file("evil", "EVIL", 0644).ok());
  ASSERT_TRUE(volume.dir().make_link("evil", "password").ok());
  ASSERT_TRUE(write({{"password", "1"}}).ok());
  EXPECT_EQ(*volume.dir().read_link("password"), "..data/password");
  ASSERT_TRUE(volume.dir().remove_file("password").ok());
  ASSERT_TRUE(volume.dir().make_link("evil", "password").ok());
  ASSERT_TRUE(write({{"password", "1"}}).ok());  // unchanged, but not in place
  EXPECT_EQ(*volume.dir().read_link("password"), "..data/password");
}

// Foreign links, and folders whose name began with ".." and a digit, went without a word.
TEST_F(AtomicWriter, WhatIsNotTheSetsStays) {
  ASSERT_TRUE(volume.dir().make_link("/elsewhere", "link").ok());
  ASSERT_TRUE(volume.dir().make_dir("..2024backup", 0755).ok());
  ASSERT_TRUE(volume.dir().write_new_file("..2024backup/precious", "x", 0600).ok());
  ASSERT_TRUE(volume.dir().write_new_file("own", "x", 0600).ok());
  ASSERT_TRUE(write({{"a", "1"}}).ok());
  ASSERT_TRUE(write({{"b", "2"}}).ok());
  for (const char* name : {"link", "..2024backup/precious", "own"}) {
    EXPECT_TRUE(volume.dir().info(name).ok()) << name;
  }
  EXPECT_FALSE(volume.dir().info("a").ok());
}

// One link inside a generation stood in the way of every later rotation.
TEST_F(AtomicWriter, ADamagedSetIsReplaced) {
  const auto first = write({{"a", "1"}});
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE(volume.dir().make_link("/etc/hostname", first->generation + "/link").ok());
  ASSERT_TRUE(write({{"a", "2"}}).ok());
  EXPECT_EQ(volume.contents(), (Contents{{"a", "2"}}));
  EXPECT_FALSE(volume.dir().info(first->generation).ok());
}

TEST_F(AtomicWriter, ADataThatNoWriterMadeIsLeftAndNamed) {
  const std::function<Status()> makers[] = {
      [&] { return volume.dir().make_dir("..data", 0755); },
      [&] { return volume.dir().write_new_file("..data", "x", 0600); },
      [&] { return volume.dir().make_link("mine", "..data"); },
      [&] { return volume.dir().make_link("/etc", "..data"); },
  };
  for (const auto& make : makers) {
    ASSERT_TRUE(make().ok());
    const auto result = write({{"a", "1"}});
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code(), ErrorCode::kFailedPrecondition);
    EXPECT_NE(result.error().message().find("name another folder"), std::string::npos);
    const auto info = volume.dir().info("..data");
    ASSERT_TRUE(info.ok());
    ASSERT_TRUE((info->kind == FileKind::kDirectory ? volume.dir().remove_dir("..data")
                                                    : volume.dir().remove_file("..data"))
                    .ok());
  }
}

TEST_F(AtomicWriter, LeftoversHealEvenWhenNothingChanged) {
  ASSERT_TRUE(write({{"a", "1"}}).ok());
  ASSERT_TRUE(volume.dir().make_dir("..2020_01_01_00_00_00.1", 0755).ok());
  ASSERT_TRUE(volume.dir().write_new_file("..2020_01_01_00_00_00.1/x", "x", 0600).ok());
  ASSERT_TRUE(volume.dir().remove_file("a").ok());
  const auto result = write({{"a", "1"}});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->outcome, WriteOutcome::kUnchanged);
  EXPECT_TRUE(volume.leftovers().empty());
  EXPECT_EQ(volume.contents_by_name(), (Contents{{"a", "1"}}));
}

TEST_F(AtomicWriter, FilesThatAProviderWroteItselfGiveWayToLinks) {
  ASSERT_TRUE(volume.dir().write_new_file("a", "old", 0644).ok());
  ASSERT_TRUE(write({{"a", "new"}, {"tls/key", "new"}}).ok());
  EXPECT_EQ(volume.contents_by_name(), (Contents{{"a", "new"}, {"tls/key", "new"}}));
  EXPECT_TRUE(volume.leftovers().empty());
}

// They were removed, with all that was in them.
TEST_F(AtomicWriter, FoldersAtTheSetsNamesStayAndAreNamed) {
  ASSERT_TRUE(volume.dir().make_dir("tls", 0755).ok());
  ASSERT_TRUE(volume.dir().write_new_file("tls/key", "precious", 0644).ok());
  ASSERT_TRUE(volume.dir().make_dir("b", 0755).ok());
  const auto result = write({{"a", "new"}, {"tls/key", "new"}, {"b", "new"}});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code(), ErrorCode::kFailedPrecondition);
  for (const char* words : {"'tls' is a folder", "'b' is a folder", "move it away"}) {
    EXPECT_NE(result.error().message().find(words), std::string::npos) << words;
  }
  EXPECT_EQ(volume.contents_by_name(), (Contents{{"tls/key", "precious"}}));
}

TEST_F(AtomicWriter, WhatChangedIsTold) {
  ASSERT_TRUE(write({{"a", "1"}, {"b", "1"}, {"d/e", "1"}}).ok());
  const auto result = write({{"a", "2"}, {"b", "1"}, {"c", "1"}});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->added, std::vector<std::string>{"c"});
  EXPECT_EQ(result->changed, std::vector<std::string>{"a"});
  EXPECT_EQ(result->removed, std::vector<std::string>{"d/e"});
  EXPECT_EQ(volume.contents_by_name(), (Contents{{"a", "2"}, {"b", "1"}, {"c", "1"}}));
  EXPECT_TRUE(volume.leftovers().empty());
}

TEST_F(AtomicWriter, AnEmptySetIsASet) {
  ASSERT_TRUE(write({}).ok());
  EXPECT_EQ(volume.contents(), Contents{});
  EXPECT_TRUE(volume.dir().read_link("..data").ok());
}

TEST_F(AtomicWriter, BadFilesAreAllNamedBeforeAnythingIsWritten) {
  const std::string huge(kLargestFile + 1, 'x');
  const auto result = write_set(volume.dir(),
                                {{"../up", ""},
                                 {"a", ""},
                                 {"a", ""},
                                 {"b/..", ""},
                                 {"/c", ""},
                                 {"d", ""},
                                 {"d/e", ""},
                                 {"", ""},
                                 {"..f", ""},
                                 {"g//h", ""},
                                 {"./i", ""},
                                 {"j/", ""},
                                 {"k", huge}},
                                parts);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code(), ErrorCode::kInvalidArgument);
  for (const char* path : {"'../up'", "'a'", "'b/..'", "'/c'", "'d'", "''", "'..f'", "'g//h'",
                           "'./i'", "'j/'", "'k'"}) {
    EXPECT_NE(result.error().message().find(path), std::string::npos) << path;
  }
  EXPECT_TRUE(volume.dir().list()->empty());
}

TEST_F(AtomicWriter, PathLimitsAreThoseOfTheDriver) {
  EXPECT_TRUE(write({{std::string(255, 'a'), "1"}}).ok());
  EXPECT_FALSE(write({{std::string(256, 'a'), "1"}}).ok());
  EXPECT_FALSE(check_files({{std::string(4097, 'a'), ""}}).ok());
}

TEST_F(AtomicWriter, AReaderNeverSeesAMixture) {
  const auto set_of = [](char c) {
    Contents contents;
    for (int i = 0; i < 10; ++i) contents["file" + std::to_string(i)] = std::string(2000, c);
    return contents;
  };
  ASSERT_TRUE(write(set_of('a')).ok());
  std::jthread writer([&](const std::stop_token& stop) {
    for (char c = 'a'; !stop.stop_requested(); c = c == 'a' ? 'b' : 'a') {
      EXPECT_TRUE(write(set_of(c)).ok());
    }
  });
  // The set a reader had opened is taken away behind its back: it once saw what was left of it.
  const auto reader = std::move(open_dir(volume.path())).value();
  for (int i = 0; i < 1000; ++i) {
    const auto seen = TempVolume::contents_of(read_set(*reader));
    if (seen.contains("?")) continue;  // replaced again and again: said so, not mixed
    ASSERT_EQ(seen.size(), 10U);
    for (const auto& [name, bytes] : seen) ASSERT_EQ(bytes, seen.begin()->second) << name;
  }
}

TEST(ReadSet, AFolderWithoutDataIsReadAsItIs) {
  TempVolume volume;
  ASSERT_TRUE(volume.dir().write_new_file("a", "1", 0600).ok());
  ASSERT_TRUE(volume.dir().make_dir("b", 0755).ok());
  ASSERT_TRUE(volume.dir().write_new_file("b/c", "2", 0600).ok());
  ASSERT_TRUE(volume.dir().write_new_file("..hidden", "3", 0600).ok());
  EXPECT_EQ(volume.contents(), (Contents{{"a", "1"}, {"b/c", "2"}}));
}

TEST(ReadSet, LimitsNameTheFile) {
  TempVolume volume;
  ASSERT_TRUE(volume.dir().write_new_file("small", "12", 0600).ok());
  ASSERT_TRUE(volume.dir().write_new_file("zlarge", "1234567890", 0600).ok());
  const auto one = read_set(volume.dir(), {5, 100});
  ASSERT_FALSE(one.ok());
  EXPECT_EQ(one.error().code(), ErrorCode::kResourceExhausted);
  EXPECT_NE(one.error().message().find("'zlarge'"), std::string::npos) << one.error().message();
  EXPECT_FALSE(read_set(volume.dir(), {100, 11}).ok());
  EXPECT_TRUE(read_set(volume.dir(), {100, 12}).ok());
}

}  // namespace
}  // namespace keyferry::volume
