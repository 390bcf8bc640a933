#include "dev/vault_reply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace keyferry::dev {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(VaultReply, EveryAnswerWithDataHasTheWholeEnvelope) {
  for (VaultReply reply : {data_reply(Json("d")), auth_reply(Json("a")), warning_not_found("w")}) {
    EXPECT_EQ(reply.body.text_of("request_id").size(), 32U);
    reply.body.set("request_id", "");
    for (const char* member :
         {"auth", "data", "lease_duration", "lease_id", "renewable", "warnings", "wrap_info"}) {
      EXPECT_NE(reply.body.find(member), nullptr) << member;
    }
  }
  EXPECT_EQ(data_reply(Json("d")).body.text_of("data"), "d");
  EXPECT_EQ(auth_reply(Json("a")).body.text_of("auth"), "a");
  EXPECT_EQ(to_text(*warning_not_found("w").body.find("warnings")), R"(["w"])");
}

TEST(VaultReply, RefusalsHaveOnlyErrors) {
  const std::tuple<VaultReply, int, const char*> rows[] = {
      {not_found(), 404, R"({"errors":[]})"},
      {permission_denied(), 403, R"({"errors":["permission denied"]})"},
      {error_reply(400, {"a", "b"}), 400, R"({"errors":["a","b"]})"},
  };
  for (const auto& [reply, status, body] : rows) {
    EXPECT_EQ(reply.status, status);
    EXPECT_EQ(to_text(reply.body), body);
  }
  EXPECT_EQ(no_content().status, 204);
  EXPECT_TRUE(no_content().body.is_null());
}

TEST(VaultReply, AListIsOfNamesAndFoldersBelowThePrefix) {
  const std::vector<std::string> paths = {"a", "b/c", "b/d/e", "bb"};
  const std::tuple<const char*, const char*> rows[] = {
      {"", R"(["a","b/","bb"])"},
      {"b", R"(["c","d/"])"},
      {"b/", R"(["c","d/"])"},
      {"b/d", R"(["e"])"},
  };
  for (const auto& [prefix, keys] : rows) {
    EXPECT_EQ(to_text(*list_reply(paths, prefix).body.find("data")->find("keys")), keys);
  }
  EXPECT_EQ(list_reply(paths, "a").status, 404) << "a secret is no folder";
  EXPECT_EQ(list_reply({}, "").status, 404);
}

TEST(VaultReply, TimesAreRfc3339WithNanoseconds) {
  EXPECT_EQ(rfc3339(WallTime(std::chrono::seconds(1'700'000'000))),
            "2023-11-14T22:13:20.000000000Z");
  EXPECT_EQ(rfc3339(WallTime(std::chrono::nanoseconds(6))), "1970-01-01T00:00:00.000000006Z");
}

TEST(VaultReply, DurationsAreNumbersOrTexts) {
  const std::pair<const char*, std::int64_t> rows[] = {
      {"90", 90},       {R"("90")", 90},       {R"("90s")", 90}, {R"("1h30m")", 5400},
      {R"("2m")", 120}, {R"("1h1m1s")", 3661}, {"-1", -1},       {R"("-60s")", -60},
      {R"("soon")", 7}, {R"("")", 7},          {"true", 7},      {"null", 7},
  };
  for (const auto& [json, seconds] : rows) {
    const Json value = *parse_json(json);
    EXPECT_EQ(seconds_of(&value, 7), seconds) << json;
  }
  EXPECT_EQ(seconds_of(nullptr, 7), 7);
}

TEST(VaultReply, TextsAreAnArrayOrSeparatedByCommas) {
  const Json array = *parse_json(R"(["a",7,"b,c"])");
  EXPECT_THAT(texts_of(&array), ElementsAre("a", "b,c"));
  const Json commas("a, b");
  EXPECT_THAT(texts_of(&commas), ElementsAre("a", "b"));
  const Json empty("");
  EXPECT_THAT(texts_of(&empty), IsEmpty());
  EXPECT_THAT(texts_of(nullptr), IsEmpty());
}

TEST(VaultReply, NoTwoIdsAreEqual) { EXPECT_NE(random_id(), random_id()); }

}  // namespace
}  // namespace keyferry::dev
