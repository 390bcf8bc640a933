#include "sidecar/applied_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/strings.h"
#include "volume/temp_volume.h"

namespace keyferry::sidecar {
namespace {

using runtime::EffectiveSettings;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

EffectiveSettings settings(const std::string& user, const std::string& password) {
  EffectiveSettings settings;
  for (const auto& [name, value] : std::map<std::string, std::string>{
           {"DatabaseUserName", user}, {"DatabasePassword", password}}) {
    runtime::put({name, Secret(cat('"', value, '"')), runtime::Source::kStore, "key-of-it",
                  runtime::Visibility::kHidden},
                 settings.settings);
  }
  runtime::put({"Shop.Title", Secret("\"title\""), runtime::Source::kStoreCustom,
                "mx-const-Shop.Title", runtime::Visibility::kHidden},
               settings.constants);
  return settings;
}

std::string value_of(const EffectiveSettings& settings, std::string_view name) {
  return std::string(settings.find(name)->json.expose());
}

TEST(AppliedState, AValueIsRecognisedAndAnotherOneIsNot) {
  const auto record = record_of(settings("shop", "pw-one!"), {});
  const auto running = recall(record, settings("shop", "pw-two!"));
  EXPECT_EQ(value_of(running, "DatabaseUserName"), "\"shop\"");
  EXPECT_EQ(value_of(running, "DatabasePassword"), "");
  EXPECT_EQ(running.find("DatabasePassword")->origin, "key-of-it");
  EXPECT_EQ(running.constants.size(), 1U);
  EXPECT_EQ(running.constants[0].json.expose(), "\"title\"");
}

TEST(AppliedState, WhatWasNotRecognisedKeepsItsDigestAndIsRecognisedLater) {
  const auto first = record_of(settings("shop", "pw-one!"), {});
  auto running = recall(first, settings("other", "pw-one!"));
  const auto second = record_of(running, first);
  EXPECT_EQ(second.settings, first.settings);
  recognise(second, settings("shop", "x"), running);
  EXPECT_EQ(value_of(running, "DatabaseUserName"), "\"shop\"");
}

TEST(AppliedState, TheSameNameAsSettingAndConstantIsTwoThings) {
  EffectiveSettings twice;
  const auto one = [] {
    return runtime::Setting{"A", Secret("1"), runtime::Source::kStore, "", {}};
  };
  runtime::put(one(), twice.settings);
  runtime::put(one(), twice.constants);
  const auto record = record_of(twice, {});
  EXPECT_NE(record.settings[0].digest, record.constants[0].digest);
}

TEST(AppliedState, ARecordHoldsNoValueAndNoTwoLookAlike) {
  const Secret a = encode(record_of(settings("shop-user", "pw-one!"), {}));
  const Secret b = encode(record_of(settings("shop-user", "pw-one!"), {}));
  EXPECT_FALSE(a == b);
  for (const char* value : {"shop-user", "pw-one!", "title\""}) {
    EXPECT_THAT(std::string(a.expose()), Not(HasSubstr(value)));
  }
  const auto read = decode(a.expose());
  ASSERT_TRUE(read.ok());
  EXPECT_TRUE(encode(*read) == a);
}

TEST(AppliedState, TextThatIsNoRecordIsRefusedWithoutQuotingIt) {
  const std::string good(encode(record_of(settings("shop", "pw"), {})).expose());
  const auto without = [&](const std::string& word) {
    std::string text = good;
    return text.replace(text.find(word), word.size(), "x");
  };
  for (const std::string& text :
       {std::string(), std::string("pw-one!"), std::string("{}"), std::string("[]"),
        good.substr(0, good.size() / 2), without("settings 1"), without("\"key\""),
        without("\"settings\""), without("\"constants\""), without("\"digest\""),
        without("\"name\"")}) {
    const auto read = decode(text);
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_THAT(read.error().message(), Not(HasSubstr("pw-one!")));
  }
}

TEST(AppliedState, ItIsReadBackOnlyByTheSameAppAndForgotten) {
  volume::TempVolume folder;
  const auto kept = open_state(folder.path());
  AppliedState state(kept.get(), "shop at 9000");
  EXPECT_FALSE(state.read().has_value());
  state.write(record_of(settings("shop", "one"), {}));
  state.write(record_of(settings("shop", "two"), {}));
  ASSERT_TRUE(state.read().has_value());
  EXPECT_EQ(value_of(recall(*state.read(), settings("shop", "two")), "DatabasePassword"),
            "\"two\"");
  EXPECT_FALSE(AppliedState(kept.get(), "cafe at 9000").read().has_value());
  state.forget();
  EXPECT_FALSE(state.read().has_value());
  EXPECT_THAT(std::move(folder.dir().list()).value(), IsEmpty());
}

TEST(AppliedState, AFileThatOthersMayReadOrThatIsBrokenIsNotUsed) {
  volume::TempVolume folder;
  const auto kept = open_state(folder.path());
  AppliedState state(kept.get(), "shop");
  state.write(record_of(settings("shop", "one"), {}));
  const std::string name = std::move(folder.dir().list()).value().at(0).name;
  EXPECT_EQ(folder.dir().info(name)->permissions, 0600U);
  ASSERT_TRUE(folder.dir().set_mode(name, 0640).ok());
  EXPECT_FALSE(state.read().has_value());
  ASSERT_TRUE(folder.dir().remove_file(name).ok());
  ASSERT_TRUE(folder.dir().write_new_file(name, "half a reco", 0600).ok());
  EXPECT_FALSE(state.read().has_value());
}

TEST(AppliedState, WithoutAFolderNothingIsRemembered) {
  AppliedState state(nullptr, "shop");
  state.write(record_of(settings("shop", "one"), {}));
  EXPECT_FALSE(state.read().has_value());
  state.forget();
}

TEST(AppliedState, WhereNoStateCanBeKeptTheSidecarGoesOnWithout) {
  for (const char* path : {"", "/proc", "/proc/none"}) EXPECT_EQ(open_state(path), nullptr) << path;
}

}  // namespace
}  // namespace keyferry::sidecar
