#include "node/target_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

namespace keyferry::node {
namespace {

using ::testing::HasSubstr;

constexpr const char* kRoot = "/var/lib/kubelet";

TEST(TargetPath, TheKubeletsFormNamesPodAndVolume) {
  const auto target = parse_target_path(
      "/var/lib/kubelet/pods/8b4f-1/volumes/kubernetes.io~csi/secrets/mount", kRoot);
  ASSERT_TRUE(target.ok());
  EXPECT_EQ(target->pod_uid, "8b4f-1");
  EXPECT_EQ(target->volume_name, "secrets");
}

TEST(TargetPath, AnotherFormBelowTheRootNamesNeither) {
  const auto target = parse_target_path("/var/lib/kubelet/anything/", "/var/lib/kubelet/");
  ASSERT_TRUE(target.ok());
  EXPECT_EQ(*target, (TargetPath{"/var/lib/kubelet/anything", "", ""}));
  EXPECT_TRUE(parse_target_path("/tmp/x", "/").ok());
}

TEST(TargetPath, WhatLeadsElsewhereIsRefused) {
  for (const char* path :
       {"", "relative", "/", "/var/lib/kubelet", "/var/lib/kubelet/", "/var/lib/kubelet2/x",
        "/etc/passwd", "/var/lib/kubelet/../x", "/var/lib/kubelet/a/./b", "/var/lib/kubelet//a",
        "/var/lib/kubelet/pods/u/volumes/kubernetes.io~csi/../../../x/mount"}) {
    const auto target = parse_target_path(path, kRoot);
    ASSERT_FALSE(target.ok()) << path;
    EXPECT_EQ(target.error().code(), ErrorCode::kInvalidArgument) << path;
    EXPECT_THAT(target.error().message(), HasSubstr("target path")) << path;
  }
}

class OpenTargetTest : public ::testing::Test {
 protected:
  OpenTargetTest() {
    std::string path = "/dev/shm/keyferry-test-XXXXXX";
    root_ = mkdtemp(path.data());
  }
  ~OpenTargetTest() override { std::filesystem::remove_all(root_); }

  Result<OpenTarget> open(const std::string& below, MissingFolders missing) {
    return open_target(parse_target_path(root_ + "/" + below, root_).value(), root_, missing);
  }

  std::string root_;
};

TEST_F(OpenTargetTest, FoldersAreMadeOnlyWhereThatIsAskedFor) {
  EXPECT_EQ(open("a/b/mount", MissingFolders::kAreAnError).error().code(), ErrorCode::kNotFound);
  const auto target = open("a/b/mount", MissingFolders::kAreMade);
  ASSERT_TRUE(target.ok()) << target.error().message();
  EXPECT_EQ(target->name, "mount");
  EXPECT_TRUE(std::filesystem::is_directory(root_ + "/a/b"));
  EXPECT_FALSE(std::filesystem::exists(root_ + "/a/b/mount"));
}

TEST_F(OpenTargetTest, ALinkOnTheWayIsNotFollowed) {
  std::filesystem::create_directories(root_ + "/real/b");
  std::filesystem::create_directory_symlink(root_ + "/real", root_ + "/a");
  const auto target = open("a/b/mount", MissingFolders::kAreMade);
  ASSERT_FALSE(target.ok());
  EXPECT_EQ(target.error().code(), ErrorCode::kFailedPrecondition);
}

TEST_F(OpenTargetTest, TheRootItselfMayBeALink) {
  std::filesystem::create_directories(root_ + "/data/pods");
  std::filesystem::create_directory_symlink(root_ + "/data", root_ + "/kubelet");
  const std::string root = root_ + "/kubelet";
  const auto target = open_target(parse_target_path(root + "/pods/mount", root).value(), root,
                                  MissingFolders::kAreAnError);
  EXPECT_TRUE(target.ok());
}

}  // namespace
}  // namespace keyferry::node
