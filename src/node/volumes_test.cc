#include "node/volumes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "base/fake_clock.h"
#include "base/strings.h"

namespace keyferry::node {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Remembers what is mounted where; mounts are plain folders.
class FakeMounter final : public volume::Mounter {
 public:
  Result<volume::MountKind> kind_of(const Dir& parent, const std::string& name) const override {
    KF_ASSIGN(const FileInfo info, parent.info(name));
    return mounted.contains(info.inode) ? volume::MountKind::kTmpfs : volume::MountKind::kNone;
  }
  Status mount_tmpfs(const Dir& parent, const std::string& name,
                     const volume::TmpfsOptions&) override {
    if (refused) return *refused;
    KF_ASSIGN(const FileInfo info, parent.info(name));
    mounted.insert(info.inode);
    return {};
  }
  Status unmount(const Dir& parent, const std::string& name, Users) override {
    KF_ASSIGN(const FileInfo info, parent.info(name));
    mounted.erase(info.inode);
    return {};
  }
  std::set<std::uint64_t> mounted;
  std::optional<Error> refused;
};

class FakeStore final : public stores::Store {
 public:
  Result<stores::FetchResult> fetch(const stores::FetchRequest& request) override {
    ++asked;
    if (failure) return *failure;
    stores::FetchResult result;
    for (const auto& [name, value] : values) {
      const auto held = request.held_versions.find(name);
      if (held != request.held_versions.end() && held->second == value) {
        result.unchanged.push_back(name);
      } else {
        result.objects.push_back({name, stores::SecretFile{name, Secret(value), {}, value}});
      }
    }
    return result;
  }
  Status release(const stores::FetchRequest&) override {
    ++released;
    return {};
  }
  std::map<std::string, std::string> values{{"password", "one"}};
  std::optional<Error> failure;
  int asked = 0;
  int released = 0;
};

class FakeClasses final : public ClassSource {
 public:
  Result<KnownClassPtr> find(const std::string& namespace_name, const std::string& name,
                             const Patience&) override {
    if (missing) return Error(ErrorCode::kNotFound, cat("no class ", namespace_name, "/", name));
    KnownClass known;
    known.spc.meta.name = name;
    known.spc.meta.namespace_name = namespace_name;
    known.spc.provider = "fake";
    known.spc.parameters["objects"] = {version, 1};
    known.version = version;
    return std::make_shared<const KnownClass>(std::move(known));
  }
  std::string version = "1";
  bool missing = false;
};

class Told final : public VolumeObserver {
 public:
  void mounted(const VolumeNews& news) override { say("mounted", news.volume); }
  void rotated(const VolumeNews& news, const std::vector<std::string>& changed) override {
    say(cat("rotated ", join(changed, ",")), news.volume);
  }
  void failed(const VolumeIdentity& volume, const Error& error, int failures) override {
    say(cat("failed ", failures, " ", error.message()), volume);
  }
  void recovered(const VolumeIdentity& volume) override { say("recovered", volume); }
  void gone(const VolumeIdentity& volume) override { say("gone", volume); }
  std::vector<std::string> take() { return std::exchange(words_, {}); }

 private:
  void say(const std::string& what, const VolumeIdentity& volume) {
    words_.push_back(cat(volume.pod.pod_name, " ", what));
  }
  std::vector<std::string> words_;
};

class VolumesTest : public ::testing::Test {
 protected:
  static std::string new_folder() {
    std::string path = "/dev/shm/keyferry-test-XXXXXX";
    return mkdtemp(path.data());
  }
  static VolumesOptions options_in(const std::string& root) {
    VolumesOptions options;
    options.folder.kubelet_root = root;
    options.schedule = {2min, 0.0, 1s, 5min};
    return options;
  }
  ~VolumesTest() override { std::filesystem::remove_all(root); }

  VolumeIdentity volume(const std::string& pod) {
    VolumeIdentity identity;
    identity.volume_id = cat("csi-", pod);
    identity.target =
        parse_target_path(cat(root, "/pods/uid-", pod, "/volumes/kubernetes.io~csi/s/mount"), root)
            .value();
    identity.class_name = "shop";
    identity.pod = {"web", pod, cat("uid-", pod), "web", ""};
    identity.readonly = true;
    return identity;
  }
  Status publish(const std::string& pod) {
    return volumes.publish(volume(pod), nullptr, nullptr, {});
  }
  std::string file(const std::string& pod, const std::string& name = "password") {
    const auto text = read_file(cat(volume(pod).target.path, "/", name), 1000);
    return text.ok() ? std::string(text->expose()) : "(none)";
  }
  void look() { volumes.look_at_due({}); }

  FakeClock clock;
  const std::string root = new_folder();
  const VolumesOptions options = options_in(root);
  FakeStore* store = nullptr;
  FakeMounter mounter;
  FakeClasses classes;
  Told told;
  StoreShelf shelf{[this](const std::string& name) -> Result<std::unique_ptr<stores::Store>> {
                     if (name != "fake") return Error(ErrorCode::kNotFound, "no such store");
                     auto made = std::make_unique<FakeStore>();
                     store = made.get();
                     return std::unique_ptr<stores::Store>(std::move(made));
                   },
                   clock, 2min};
  Volumes volumes{{options, classes, shelf, mounter, told, clock, [] { return 1.0; }}};
};

TEST_F(VolumesTest, AVolumeIsMountedWithItsSetAndGoneAfterwards) {
  ASSERT_TRUE(publish("web-0").ok());
  EXPECT_EQ(file("web-0"), "one");
  EXPECT_EQ(mounter.mounted.size(), 1U);
  EXPECT_THAT(told.take(), ElementsAre("web-0 mounted"));
  ASSERT_TRUE(volumes.unpublish(volume("web-0").target, {}).ok());
  EXPECT_FALSE(std::filesystem::exists(volume("web-0").target.path));
  EXPECT_THAT(mounter.mounted, IsEmpty());
  EXPECT_THAT(told.take(), ElementsAre("web-0 gone"));
  EXPECT_EQ(store->released, 1);
  EXPECT_EQ(volumes.count(), 0U);
  EXPECT_TRUE(volumes.unpublish(volume("web-0").target, {}).ok()) << "there is nothing";
}

TEST_F(VolumesTest, AFirstMountThatFailsLeavesNothingBehind) {
  ASSERT_TRUE(publish("web-0").ok());
  ASSERT_TRUE(volumes.unpublish(volume("web-0").target, {}).ok());
  clock.tick(3min);
  store->failure = Error(ErrorCode::kUnavailable, "store down");
  EXPECT_EQ(publish("web-1").error().code(), ErrorCode::kUnavailable);
  EXPECT_FALSE(std::filesystem::exists(volume("web-1").target.path));
  store->failure.reset();
  mounter.refused = Error(ErrorCode::kPermissionDenied, "no");
  EXPECT_EQ(publish("web-1").error().code(), ErrorCode::kPermissionDenied);
  EXPECT_FALSE(std::filesystem::exists(volume("web-1").target.path));
  mounter.refused.reset();
  store->values = {{"../escape", "x"}};
  clock.tick(3min);
  EXPECT_EQ(publish("web-1").error().code(), ErrorCode::kInvalidArgument);
  EXPECT_FALSE(std::filesystem::exists(volume("web-1").target.path));
  EXPECT_THAT(mounter.mounted, IsEmpty());
  EXPECT_EQ(volumes.count(), 0U);
}

TEST_F(VolumesTest, AnUnchangedRepublishAsksNobodyAndWritesNothing) {
  ASSERT_TRUE(publish("web-0").ok());
  const auto before = std::filesystem::read_symlink(volume("web-0").target.path + "/..data");
  (void)told.take();
  clock.tick(10min);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(publish("web-0").ok());
  EXPECT_EQ(store->asked, 1);
  EXPECT_EQ(std::filesystem::read_symlink(volume("web-0").target.path + "/..data"), before);
  EXPECT_THAT(told.take(), IsEmpty());
}

TEST_F(VolumesTest, ManyVolumesOfOneAccountShareOneAnswerAndOneLook) {
  for (const char* pod : {"web-0", "web-1", "web-2"}) ASSERT_TRUE(publish(pod).ok());
  EXPECT_EQ(store->asked, 1);
  (void)told.take();
  store->values = {{"password", "two"}};
  look();
  EXPECT_EQ(store->asked, 1) << "not due";
  clock.tick(2min);
  look();
  EXPECT_EQ(store->asked, 2);
  for (const char* pod : {"web-0", "web-1", "web-2"}) EXPECT_EQ(file(pod), "two");
  EXPECT_THAT(told.take(), ElementsAre("web-0 rotated password", "web-1 rotated password",
                                       "web-2 rotated password"));
}

TEST_F(VolumesTest, ALookThatFailsKeepsTheSetAndIsTold) {
  ASSERT_TRUE(publish("web-0").ok());
  (void)told.take();
  store->failure = Error(ErrorCode::kUnavailable, "store down");
  clock.tick(2min);
  look();
  EXPECT_EQ(file("web-0"), "one");
  EXPECT_THAT(told.take(), ElementsAre("web-0 failed 1 store down"));
  EXPECT_TRUE(publish("web-0").ok()) << "kubelet tears down what it is told has failed";
  store->failure.reset();
  clock.tick(1min);
  look();
  EXPECT_THAT(told.take(), ElementsAre("web-0 recovered"));
}

TEST_F(VolumesTest, AChangedClassIsAskedForAtTheNextRepublish) {
  ASSERT_TRUE(publish("web-0").ok());
  classes.version = "2";
  store->values = {{"user", "u"}};
  ASSERT_TRUE(publish("web-0").ok());
  EXPECT_EQ(file("web-0", "user"), "u");
  EXPECT_EQ(file("web-0"), "(none)");
  classes.missing = true;
  (void)told.take();
  EXPECT_TRUE(publish("web-0").ok());
  EXPECT_THAT(told.take(), ElementsAre("web-0 failed 1 no class web/shop"));
  EXPECT_EQ(file("web-0", "user"), "u");
}

// Of the stock driver, or of an earlier life of this one.
TEST_F(VolumesTest, AVolumeThatStandsAlreadyIsTakenOver) {
  ASSERT_TRUE(publish("web-0").ok());
  Volumes next({options, classes, shelf, mounter, told, clock, [] { return 1.0; }});
  store->values = {{"password", "two"}};
  clock.tick(3min);
  ASSERT_TRUE(next.publish(volume("web-0"), nullptr, nullptr, {}).ok());
  EXPECT_EQ(file("web-0"), "two");
  store->failure = Error(ErrorCode::kUnavailable, "store down");
  clock.tick(3min);
  Volumes third({options, classes, shelf, mounter, told, clock, [] { return 1.0; }});
  EXPECT_TRUE(third.publish(volume("web-0"), nullptr, nullptr, {}).ok());
  EXPECT_EQ(file("web-0"), "two");
}

TEST_F(VolumesTest, WhatIsNotReadOnlyOrHasNoClassIsRefused) {
  VolumeIdentity writable = volume("web-0");
  writable.readonly = false;
  EXPECT_THAT(volumes.publish(writable, nullptr, nullptr, {}).error().message(),
              HasSubstr("Readonly is not true in request"));
  VolumeIdentity nameless = volume("web-0");
  nameless.class_name.clear();
  EXPECT_THAT(volumes.publish(nameless, nullptr, nullptr, {}).error().message(),
              HasSubstr("secretProviderClass is not set"));
  EXPECT_EQ(volumes.count(), 0U);
}

}  // namespace
}  // namespace keyferry::node
