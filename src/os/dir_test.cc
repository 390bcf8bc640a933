#include "os/dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>

namespace keyferry {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class DirTest : public testing::Test {
 protected:
  DirTest() {
    std::string path = "/dev/shm/keyferry-dir-XXXXXX";
    path_ = mkdtemp(path.data());
    dir_ = std::move(open_dir(path_)).value();
  }
  ~DirTest() override { fs::remove_all(path_); }

  void put(const std::string& name, std::string_view text) {
    std::ofstream(path_ + "/" + name) << text;
  }
  std::string read(const std::string& name) const {
    return std::string(dir_->read_file(name, 100)->bytes.expose());
  }
  mode_t mode(const std::string& name) const { return dir_->info(name)->permissions; }

  std::string path_;
  std::unique_ptr<Dir> dir_;
};

TEST_F(DirTest, EveryKindOfEntryIsListedAsWhatItIs) {
  put("file", "x");
  fs::create_directory(path_ + "/folder");
  fs::create_symlink("file", path_ + "/link");
  ASSERT_EQ(mkfifo((path_ + "/pipe").c_str(), 0600), 0);
  const std::map<std::string, FileKind> expected = {{"file", FileKind::kFile},
                                                    {"folder", FileKind::kDirectory},
                                                    {"link", FileKind::kLink},
                                                    {"pipe", FileKind::kOther}};
  for (int round = 0; round < 2; ++round) {  // the second reads from the beginning again
    std::map<std::string, FileKind> listed;
    for (const DirEntry& entry : dir_->list().value()) listed[entry.name] = entry.kind;
    EXPECT_EQ(listed, expected);
  }
  for (const auto& [name, kind] : expected) EXPECT_EQ(dir_->info(name)->kind, kind) << name;
}

TEST_F(DirTest, AFileIsWrittenOnceWithExactlyItsMode) {
  ASSERT_TRUE(dir_->write_new_file("a", "one", 0640).ok());
  EXPECT_EQ(read("a"), "one");
  EXPECT_EQ(mode("a"), 0640U);
  EXPECT_EQ(dir_->read_file("a", 100)->permissions, 0640U);
  EXPECT_EQ(dir_->info("a")->size, 3U);
  EXPECT_EQ(dir_->write_new_file("a", "two", 0600).error().code(), ErrorCode::kAlreadyExists);
  EXPECT_EQ(read("a"), "one");
  ASSERT_TRUE(dir_->write_new_file("open", "", 0666).ok());
  EXPECT_EQ(mode("open"), 0666U) << "the umask takes nothing away";
}

TEST_F(DirTest, NoLinkIsFollowed) {
  put("target", "outside");
  fs::create_symlink("target", path_ + "/link");
  fs::create_symlink("nowhere", path_ + "/dangling");
  fs::create_directory(path_ + "/folder");
  fs::create_directory_symlink("folder", path_ + "/folder-link");
  EXPECT_EQ(dir_->read_file("link", 100).error().code(), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(dir_->open_dir("folder-link").error().code(), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(dir_->write_new_file("dangling", "x", 0600).error().code(), ErrorCode::kAlreadyExists);
  EXPECT_FALSE(fs::exists(path_ + "/nowhere"));
  EXPECT_EQ(*dir_->read_link("link"), "target");
  ASSERT_TRUE(dir_->remove_file("link").ok());
  EXPECT_EQ(read("target"), "outside");
}

// A link put in the place of a new folder had the mode of its target changed.
TEST_F(DirTest, TheModeOfALinksTargetStays) {
  put("target", "outside");
  ASSERT_TRUE(dir_->set_mode("target", 0600).ok());
  fs::create_symlink("target", path_ + "/link");
  EXPECT_EQ(dir_->set_mode("link", 0777).error().code(), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(mode("target"), 0600U);
}

TEST_F(DirTest, NamesThatLeadOutOfTheFolderAreRefusedByEveryMethod) {
  const std::string long_nul("a\0b", 3);
  for (const std::string& name :
       {std::string(""), std::string("/"), std::string("/etc"), std::string(".."),
        std::string("../x"), std::string("a/../b"), std::string("a/.."), std::string("a//b"),
        std::string("a/"), long_nul}) {
    const std::pair<const char*, ErrorCode> rows[] = {
        {"info", dir_->info(name).error().code()},
        {"read_link", dir_->read_link(name).error().code()},
        {"read_file", dir_->read_file(name, 1).error().code()},
        {"open_dir", dir_->open_dir(name).error().code()},
        {"make_dir", dir_->make_dir(name, 0700).error().code()},
        {"write_new_file", dir_->write_new_file(name, "", 0600).error().code()},
        {"set_mode", dir_->set_mode(name, 0600).error().code()},
        {"make_link", dir_->make_link("x", name).error().code()},
        {"rename from", dir_->rename(name, "x").error().code()},
        {"rename to", dir_->rename("x", name).error().code()},
        {"remove_file", dir_->remove_file(name).error().code()},
        {"remove_dir", dir_->remove_dir(name).error().code()},
    };
    for (const auto& [method, code] : rows) {
      EXPECT_EQ(code, ErrorCode::kInvalidArgument) << method << " '" << name << "'";
    }
  }
  EXPECT_TRUE(dir_->make_dir("..data", 0700).ok()) << "only the part '..' leads out";
  EXPECT_TRUE(dir_->write_new_file("..data/a..b", "x", 0600).ok());
}

TEST_F(DirTest, FailuresSayWhatOfWhatAndWhy) {
  fs::create_directories(path_ + "/full/inside");
  put("file", "12345");
  const std::tuple<Error, ErrorCode, const char*> rows[] = {
      {dir_->info("none").error(), ErrorCode::kNotFound, "look at 'none': No such file"},
      {dir_->read_link("none").error(), ErrorCode::kNotFound, "read link 'none'"},
      {dir_->read_link("file").error(), ErrorCode::kInternal, "read link 'file': Invalid arg"},
      {dir_->read_file("none", 9).error(), ErrorCode::kNotFound, "open 'none'"},
      {dir_->read_file("full", 9).error(), ErrorCode::kFailedPrecondition, "read 'full': Is a dir"},
      {dir_->read_file("file", 4).error(), ErrorCode::kResourceExhausted,
       "file 'file' is larger than the limit of 4 bytes"},
      {dir_->open_dir("none").error(), ErrorCode::kNotFound, "open folder 'none'"},
      {dir_->open_dir("file").error(), ErrorCode::kFailedPrecondition, "open folder 'file': Not a"},
      {dir_->make_dir("full", 0700).error(), ErrorCode::kAlreadyExists, "make folder 'full'"},
      {dir_->write_new_file("none/a", "", 0600).error(), ErrorCode::kNotFound, "create 'none/a'"},
      {dir_->set_mode("none", 0600).error(), ErrorCode::kNotFound, "set mode of 'none'"},
      {dir_->make_link("x", "file").error(), ErrorCode::kAlreadyExists, "link 'file'"},
      {dir_->rename("none", "x").error(), ErrorCode::kNotFound, "rename 'none'"},
      {dir_->remove_file("full").error(), ErrorCode::kFailedPrecondition, "remove 'full': Is a"},
      {dir_->remove_dir("full").error(), ErrorCode::kFailedPrecondition, "remove 'full': Direct"},
      {dir_->remove_dir("file").error(), ErrorCode::kFailedPrecondition, "remove 'file': Not a"},
  };
  for (const auto& [error, code, words] : rows) {
    EXPECT_EQ(error.code(), code) << error.message();
    EXPECT_THAT(error.message(), HasSubstr(words));
  }
}

TEST_F(DirTest, AFileOfExactlyTheLimitIsRead) {
  put("file", "12345");
  EXPECT_EQ(dir_->read_file("file", 5)->bytes.expose(), "12345");
  put("empty", "");
  EXPECT_TRUE(dir_->read_file("empty", 0)->bytes.empty());
  const std::string large(100'000, 'x');
  put("large", large);
  EXPECT_EQ(dir_->read_file("large", large.size())->bytes.expose(), large);
  EXPECT_FALSE(dir_->read_file("large", large.size() - 1).ok());
}

TEST_F(DirTest, APipeWithoutAWriterIsNotWaitedFor) {
  ASSERT_EQ(mkfifo((path_ + "/pipe").c_str(), 0600), 0);
  EXPECT_TRUE(dir_->read_file("pipe", 10)->bytes.empty());
}

TEST_F(DirTest, ARenameReplacesWhatWasThere) {
  ASSERT_TRUE(dir_->make_link("..1", "..data").ok());
  ASSERT_TRUE(dir_->make_link("..2", "..data_tmp").ok());
  ASSERT_TRUE(dir_->rename("..data_tmp", "..data").ok());
  EXPECT_EQ(*dir_->read_link("..data"), "..2");
  EXPECT_EQ(dir_->info("..data_tmp").error().code(), ErrorCode::kNotFound);
}

TEST_F(DirTest, AnOpenFolderStaysItselfWhenItsNameMovesOn) {
  ASSERT_TRUE(dir_->make_dir("a", 0700).ok());
  const auto a = dir_->open_dir("a");
  ASSERT_TRUE((*a)->write_new_file("file", "old", 0600).ok());
  ASSERT_TRUE(dir_->rename("a", "b").ok());
  ASSERT_TRUE(dir_->make_dir("a", 0700).ok());
  EXPECT_EQ((*a)->read_file("file", 9)->bytes.expose(), "old");
  EXPECT_NE((*a)->info("file")->inode, dir_->info("a")->inode);
}

// Ends a process that has no descriptor left, with 0 where everything said so.
[[noreturn]] void exit_as_everything_is_full(const Dir& dir, const std::string& path) {
  const rlimit none = {0, 0};
  if (setrlimit(RLIMIT_NOFILE, &none) != 0) _exit(9);
  for (const ErrorCode code : {dir.list().error().code(), dir.read_file("a", 1).error().code(),
                               open_dir(path).error().code(), read_file(path, 1).error().code()}) {
    if (code != ErrorCode::kResourceExhausted) _exit(1);
  }
  _exit(0);
}

// Without the fixture: the process that ends is another one, and would leave its folder behind.
TEST(Dir, WithoutDescriptorsLeftItIsSaidSo) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto dir = std::move(open_dir("/dev/shm")).value();
  EXPECT_EXIT(exit_as_everything_is_full(*dir, "/dev/shm"), testing::ExitedWithCode(0), "");
}

TEST_F(DirTest, PathsOfTheUserMayBeLinks) {
  put("real", "token");
  fs::create_symlink("real", path_ + "/link");
  fs::create_directory_symlink(".", path_ + "/self");
  EXPECT_EQ(read_file(path_ + "/link", 100)->expose(), "token");
  EXPECT_TRUE(open_dir(path_ + "/self").ok());
  EXPECT_EQ(read_file(path_ + "/none", 1).error().message(),
            "open '" + path_ + "/none': No such file or directory");
  EXPECT_EQ(open_dir(path_ + "/real").error().code(), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(read_file(path_, 1).error().code(), ErrorCode::kFailedPrecondition);
}

}  // namespace
}  // namespace keyferry
