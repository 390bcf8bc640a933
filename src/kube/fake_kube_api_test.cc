#include "kube/fake_kube_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/fake_clock.h"
#include "kube/list_all.h"

namespace keyferry::kube {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Json object(const std::string& name, const std::string& provider = "vault") {
  Json json;
  json.set("metadata", Json().set("name", name).set("namespace", "shop"));
  json.set("spec", Json().set("provider", provider));
  return json;
}

class FakeKubeApiTest : public testing::Test {
 protected:
  std::string version_of(const Json& json) { return WatchEvent{{}, json}.resource_version(); }

  FakeClock clock_;
  FakeKubeApi api_{clock_};
  const Resource kind_ = secret_provider_classes();
  const ObjectName web_{"shop", "web"};
  const Patience patience_{};
};

TEST_F(FakeKubeApiTest, WhatIsCreatedGetsIdentityAndVersion) {
  const auto created = api_.create(kind_, object("web"), patience_);
  ASSERT_TRUE(created.ok());
  EXPECT_EQ(created->find("metadata")->text_of("uid"), "uid-1");
  EXPECT_EQ(created->text_of("kind"), "SecretProviderClass");
  EXPECT_EQ(*api_.get(kind_, web_, patience_), *created);
  EXPECT_EQ(api_.create(kind_, object("web"), patience_).error().code(), ErrorCode::kAlreadyExists);
  EXPECT_EQ(api_.get(kind_, {"other", "web"}, patience_).error().code(), ErrorCode::kNotFound);
  EXPECT_THAT(
      api_.calls(),
      ElementsAre("create secretproviderclasses shop/web", "get secretproviderclasses shop/web",
                  "create secretproviderclasses shop/web", "get secretproviderclasses other/web"));
}

TEST_F(FakeKubeApiTest, AnUpdateOfAnOldVersionIsRefused) {
  Json first = *api_.create(kind_, object("web"), patience_);
  Json changed = first;
  changed.set("spec", Json().set("provider", "aws"));
  const auto second = api_.update(kind_, changed, Part::kObject, patience_);
  ASSERT_TRUE(second.ok());
  EXPECT_NE(version_of(*second), version_of(first));
  EXPECT_EQ(api_.update(kind_, first, Part::kObject, patience_).error().code(),
            ErrorCode::kAborted);
  const auto same = api_.update(kind_, *second, Part::kObject, patience_);
  EXPECT_EQ(version_of(*same), version_of(*second));  // nothing is changed, nobody is told
}

TEST_F(FakeKubeApiTest, AStatusUpdateChangesTheStatusAlone) {
  Json json = *api_.create(kind_, object("web"), patience_);
  json.set("status", Json().set("phase", "x")).set("spec", Json().set("provider", "aws"));
  const auto stored = api_.update(kind_, json, Part::kStatus, patience_);
  EXPECT_EQ(stored->find("status")->text_of("phase"), "x");
  EXPECT_EQ(stored->find("spec")->text_of("provider"), "vault");
}

TEST_F(FakeKubeApiTest, AFieldAppliedByAnotherManagerIsAConflict) {
  ASSERT_TRUE(api_.apply(kind_, object("web", "vault"), {"one"}, patience_).ok());
  const auto refused = api_.apply(kind_, object("web", "aws"), {"two"}, patience_);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), ErrorCode::kAborted);
  EXPECT_THAT(refused.error().message(), HasSubstr("spec.provider (by 'one')"));
  const auto forced =
      api_.apply(kind_, object("web", "aws"), {"two", ApplyConflict::kForce}, patience_);
  EXPECT_EQ(forced->find("spec")->text_of("provider"), "aws");
  // What was taken over stays when its first manager does not apply it any more.
  Json less = object("web");
  less.set("spec", Json(Json::Object()));
  EXPECT_EQ(api_.apply(kind_, less, {"one"}, patience_)->find("spec")->text_of("provider"), "aws");
  EXPECT_EQ(api_.apply(kind_, less, {"two"}, patience_)->find("spec")->text_of("provider"), "");
}

TEST_F(FakeKubeApiTest, AMergePatchSetsAndRemoves) {
  api_.put(kind_, object("web"));
  Json changes;
  changes.set("spec", Json().set("provider", Json()).set("more", 1));
  const auto merged = api_.merge(kind_, web_, changes, Part::kObject, patience_);
  EXPECT_EQ(to_text(*merged->find("spec")), R"({"more":1})");
}

TEST_F(FakeKubeApiTest, ADeletionLooksAtItsPreconditions) {
  api_.put(kind_, object("web"));
  EXPECT_EQ(api_.remove(kind_, web_, {"uid-of-another"}, patience_).error().code(),
            ErrorCode::kAborted);
  EXPECT_TRUE(api_.remove(kind_, web_, {"uid-1"}, patience_).ok());
  EXPECT_EQ(api_.remove(kind_, web_, {}, patience_).error().code(), ErrorCode::kNotFound);
}

TEST_F(FakeKubeApiTest, SelectorsAndPagesChooseWhatIsListed) {
  for (const char* name : {"a", "b", "c", "d"}) {
    Json json = object(name);
    if (std::string_view(name) != "b") {
      (*json.as_object())["metadata"].set("labels", Json().set("app", "web"));
    }
    api_.put(kind_, json);
  }
  ListOptions options;
  options.label_selector = "app=web,!gone";
  options.field_selector = "metadata.name!=d";
  options.page_size = 1;
  const auto list = list_all(api_, kind_, options, patience_);
  ASSERT_EQ(list->items.size(), 2U);
  EXPECT_EQ(list->items[1].find("metadata")->text_of("name"), "c");
  EXPECT_EQ(list->resource_version, "4");
  EXPECT_EQ(api_.calls().size(), 2U);
}

TEST_F(FakeKubeApiTest, AListWhosePagesExpireIsBegunAnew) {
  api_.put(kind_, object("a"));
  api_.fail("list", kind_, Error(ErrorCode::kOutOfRange, "too old"), 2);
  EXPECT_EQ(list_all(api_, kind_, {}, patience_)->items.size(), 1U);
  api_.fail("list", kind_, Error(ErrorCode::kOutOfRange, "too old"), 3);
  EXPECT_EQ(list_all(api_, kind_, {}, patience_).error().code(), ErrorCode::kOutOfRange);
}

TEST_F(FakeKubeApiTest, AFaultIsPlayedAsOftenAsOrdered) {
  api_.put(kind_, object("web"));
  api_.fail("get", kind_, Error(ErrorCode::kUnavailable, "away"), 2);
  EXPECT_FALSE(api_.get(kind_, web_, patience_).ok());
  EXPECT_FALSE(api_.get(kind_, web_, patience_).ok());
  EXPECT_TRUE(api_.get(kind_, web_, patience_).ok());
}

TEST_F(FakeKubeApiTest, ATokenNamesItsAccountAndAudiences) {
  const auto issued = api_.issue_token({"shop", "web"}, {{"vault"}, 600s}, patience_);
  EXPECT_EQ(issued->token.expose(), "token of shop/web for vault");
  EXPECT_EQ(issued->expires - clock_.wall_now(), 600s);
}

}  // namespace
}  // namespace keyferry::kube
