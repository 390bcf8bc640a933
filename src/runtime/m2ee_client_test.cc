#include "runtime/m2ee_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/fake_http.h"

namespace keyferry::runtime {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kPost = "POST http://127.0.0.1:9000/";

Result<AdminReply> call(FakeHttp& http, const Secret& params = {}) {
  M2eeClient client(http, {"http://127.0.0.1:9000/", Secret("pässword"), {}});
  return client.call("update_configuration", params, {});
}

TEST(M2eeClient, SendsActionParametersAndPassword) {
  FakeHttp http;
  http.answer(kPost, 200, R"({"result":0,"feedback":{"a":"b"},"message":"m","cause":"c"})");
  const auto reply = call(http, Secret(R"({"DatabaseName":"shop"})"));
  ASSERT_TRUE(reply.ok()) << reply.error().message();
  EXPECT_EQ(reply->result, 0);
  EXPECT_EQ(reply->feedback.text_of("a"), "b");
  EXPECT_EQ(reply->message, "m");
  EXPECT_EQ(reply->cause, "c");
  const auto sent = http.sent().at(0);
  EXPECT_EQ(sent.body, R"({"action":"update_configuration","params":{"DatabaseName":"shop"}})");
  EXPECT_EQ(sent.headers.at("content-type"), "application/json");
  EXPECT_EQ(sent.headers.at("x-m2ee-authentication"), "cMOkc3N3b3Jk");
  EXPECT_EQ(sent.proxy, ProxyUse::kNever);
}

TEST(M2eeClient, NoParametersAreAnEmptyObject) {
  FakeHttp http;
  http.answer(kPost, 200, R"({"result":0})");
  EXPECT_TRUE(call(http).ok());
  EXPECT_EQ(http.sent().at(0).body, R"({"action":"update_configuration","params":{}})");
}

TEST(M2eeClient, PositiveResultsAreRepliesNegativeOnesErrors) {
  const std::pair<int, ErrorCode> rows[] = {
      {-1, ErrorCode::kUnavailable},     {-2, ErrorCode::kInvalidArgument},
      {-3, ErrorCode::kInvalidArgument}, {-4, ErrorCode::kPermissionDenied},
      {-5, ErrorCode::kUnimplemented},   {-6, ErrorCode::kUnavailable},
      {-7, ErrorCode::kUnavailable},     {-99, ErrorCode::kInternal}};
  for (const auto& [result, code] : rows) {
    const auto reply = read_reply("about", 200, cat("{\"result\":", result, "}"));
    ASSERT_FALSE(reply.ok()) << result;
    EXPECT_EQ(reply.error().code(), code) << result;
    EXPECT_THAT(reply.error().message(), HasSubstr("admin action about"));
  }
  EXPECT_EQ(read_reply("start", 200, R"({"result":3})")->result, 3);
}

TEST(M2eeClient, WhatIsNoM2eeAnswerIsRefusedWithoutBeingShown) {
  for (const std::string_view body :
       {"", "<html>hunter2", "[]", "{}", R"({"result":"0"})", R"({"result":1.5})",
        R"({"result":99999999999})", R"({"result":0)"}) {
    const auto reply = read_reply("about", 200, body);
    ASSERT_FALSE(reply.ok()) << body;
    EXPECT_EQ(reply.error().code(), ErrorCode::kInternal);
    EXPECT_THAT(reply.error().message(), Not(HasSubstr("hunter2")));
  }
  EXPECT_EQ(read_reply("about", 500, "{}").error().code(), ErrorCode::kUnavailable);
}

TEST(M2eeClient, ARuntimeThatIsDownIsUnavailable) {
  FakeHttp http;
  http.fail(kPost, Error(ErrorCode::kUnavailable, "refused"));
  EXPECT_EQ(call(http).error().code(), ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace keyferry::runtime
