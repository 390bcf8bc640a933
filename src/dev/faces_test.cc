// The faces of the stand-ins: what is refused at the door, and what a test may order. No socket.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/fake_clock.h"
#include "base/strings.h"
#include "dev/m2ee_face.h"
#include "dev/vault_face.h"

namespace keyferry::dev {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

ServerRequest request_of(std::string_view method, std::string_view path, std::string_view body = "",
                         std::vector<Header> headers = {}) {
  ServerRequest request;
  request.method = method;
  request.path = path;
  request.body = Secret(body);
  request.headers = std::move(headers);
  return request;
}

class M2eeFaceTest : public testing::Test {
 protected:
  M2eeFaceTest()
      : model_(
            {}, clock_,
            [](const DatabaseTarget&) {
              return ConnectOutcome{true, "", ""};
            },
            [](const Json&) {}),
        face_(model_, clock_, Secret("m2ee"),
              {[] { return Json("stats"); }, [this] { ++shut_downs_; }, [this] { ++deaths_; }}) {}

  ServerResponse post(std::string_view body) {
    return face_.answer(request_of("POST", "/", body,
                                   {{"Content-Type", "application/json; charset=utf-8"},
                                    {"X-M2EE-Authentication", base64_encode("m2ee")}}));
  }
  static std::int64_t result_of(const ServerResponse& response) {
    return parse_json(response.body.expose())->find("result")->as_int().value_or(99);
  }
  void script(std::string_view json) {
    EXPECT_EQ(face_.answer(request_of("POST", "/dev/script", json)).status, 204);
  }

  FakeClock clock_;
  RuntimeModel model_;
  int shut_downs_ = 0;
  int deaths_ = 0;
  M2eeFace face_;
};

TEST_F(M2eeFaceTest, WhatIsRefusedAtTheDoor) {
  const Header json{"Content-Type", "application/json"};
  const Header good{"X-M2EE-Authentication", base64_encode("m2ee")};
  const Header wrong{"X-M2EE-Authentication", base64_encode("other")};
  constexpr const char* kEcho = R"({"action":"echo"})";
  const std::tuple<const char*, const char*, std::vector<Header>, int> rows[] = {
      {"POST", kEcho, {json, good}, 0},
      {"GET", "", {json, good}, kBadMethod},
      {"POST", kEcho, {{"Content-Type", "text/plain"}, good}, kBadContentType},
      {"POST", kEcho, {good}, kBadContentType},
      {"POST", kEcho, {json, wrong}, kForbidden},
      {"POST", kEcho, {json}, kForbidden},
      {"POST", "{", {json, good}, kUnreadableRequest},
      {"POST", "null", {json, good}, kRequestNull},
      {"POST", "{}", {json, good}, kActionNotFound},
  };
  for (const auto& [method, body, headers, result] : rows) {
    EXPECT_EQ(result_of(face_.answer(request_of(method, "/", body, headers))), result) << body;
  }
}

TEST_F(M2eeFaceTest, AScriptDelaysDropsAndKills) {
  script(R"({"delay_ms":{"echo":250},"drop":{"about":1},"die_on":"runtime_status"})");
  EXPECT_EQ(result_of(post(R"({"action":"echo"})")), 0);
  EXPECT_THAT(clock_.waits(), ElementsAre(std::chrono::milliseconds(250)));
  EXPECT_EQ(post(R"({"action":"about"})").end, AnswerEnd::kDropped);
  EXPECT_EQ(post(R"({"action":"about"})").end, AnswerEnd::kWhole) << "dropped once, as ordered";
  EXPECT_EQ(deaths_, 0);
  post(R"({"action":"runtime_status"})");
  EXPECT_EQ(deaths_, 1);
  script("{}");
  post(R"({"action":"runtime_status"})");
  EXPECT_EQ(deaths_, 1);
}

TEST_F(M2eeFaceTest, AShutdownDropsTheConnectionAsTheRealOneDoes) {
  EXPECT_EQ(post(R"({"action":"shutdown"})").end, AnswerEnd::kDropped);
  EXPECT_EQ(shut_downs_, 1);
  EXPECT_EQ(model_.state(), RuntimeState::kStopping);
}

TEST_F(M2eeFaceTest, PagesForTestsNeedNoPassword) {
  EXPECT_EQ(face_.answer(request_of("GET", "/dev/stats")).body.expose(), "\"stats\"");
  EXPECT_EQ(face_.answer(request_of("GET", "/dev/script")).status, 404);
  EXPECT_EQ(face_.answer(request_of("GET", "/dev/none")).status, 404);
  const ServerResponse bad = face_.answer(request_of("POST", "/dev/script", R"({"quake":1})"));
  EXPECT_EQ(bad.status, 400);
  EXPECT_THAT(std::string(bad.body.expose()), HasSubstr("'quake'"));
  EXPECT_EQ(face_.answer(request_of("POST", "/dev/script", "{")).status, 400);
}

class VaultFaceTest : public testing::Test {
 protected:
  void seed(std::string_view json) {
    auto face = VaultFace::from_seed(clock_, *parse_json(json), "root");
    ASSERT_TRUE(face.ok()) << face.error().message();
    face_.emplace(clock_, std::move(face).value());
  }
  VaultFaceTest() { seed(R"({"secrets":{"secret/shop":{"p":"one"}}})"); }

  ServerResponse ask(std::string_view method, std::string_view path, std::string_view body = "",
                     std::vector<Header> headers = {{"X-Vault-Token", "root"}}) {
    return face_->answer(request_of(method, path, body, std::move(headers)));
  }

  FakeClock clock_;
  std::optional<FaultyFace> face_;
};

TEST_F(VaultFaceTest, MethodsAndTokensAreReadAsTheRealServerDoes) {
  const std::tuple<const char*, const char*, std::vector<Header>, int> rows[] = {
      {"GET", "/v1/secret/data/shop", {{"X-Vault-Token", "root"}}, 200},
      {"GET", "/v1/secret/data/shop/", {{"x-vault-token", "root"}}, 200},
      {"HEAD", "/v1/secret/data/shop", {{"Authorization", "Bearer root"}}, 200},
      {"GET", "/v1/secret/data/shop", {{"Authorization", "Basic root"}}, 403},
      {"GET", "/v1/secret/data/shop", {}, 403},
      {"LIST", "/v1/secret/metadata", {{"X-Vault-Token", "root"}}, 200},
      {"PATCH", "/v1/secret/data/shop", {{"X-Vault-Token", "root"}}, 405},
      {"GET", "/v2/secret/data/shop", {{"X-Vault-Token", "root"}}, 404},
      {"GET",
       "/v1/secret/data/shop",
       {{"X-Vault-Token", "root"}, {"X-Vault-Namespace", "none"}},
       404},
  };
  for (const auto& [method, path, headers, status] : rows) {
    EXPECT_EQ(ask(method, path, "", headers).status, status) << method << ' ' << path;
  }
  EXPECT_EQ(ask("POST", "/v1/secret/data/shop", "{").status, 400);
}

TEST_F(VaultFaceTest, NamespacesAreApart) {
  seed(R"({"namespaces":{"team":{"secrets":{"secret/a":{"p":"theirs"}}}}})");
  const Header token{"X-Vault-Token", "root"};
  EXPECT_EQ(ask("GET", "/v1/secret/data/a", "", {token}).status, 404);
  EXPECT_EQ(ask("GET", "/v1/secret/data/a", "", {token, {"X-Vault-Namespace", "/team/"}}).status,
            200);
  EXPECT_EQ(ask("POST", "/v1/sys/namespaces/new", "{}", {token}).status, 200);
  EXPECT_EQ(ask("GET", "/v1/secret/data/a", "", {token, {"X-Vault-Namespace", "new"}}).status, 404);
}

TEST_F(VaultFaceTest, ASealedServerGivesNothingUntilItsKeyOpensIt) {
  seed(R"({"sealed":true,"unseal_key":"k"})");
  EXPECT_EQ(ask("GET", "/v1/sys/health").status, 503);
  EXPECT_EQ(ask("GET", "/v1/secret/data/shop").status, 503);
  EXPECT_EQ(ask("PUT", "/v1/sys/unseal", R"({"key":"x"})").status, 400);
  EXPECT_EQ(ask("PUT", "/v1/sys/unseal", "{}").status, 400);
  EXPECT_EQ(ask("PUT", "/v1/sys/unseal", R"({"key":"k"})").status, 200);
  EXPECT_EQ(ask("GET", "/v1/sys/health").status, 200);
  EXPECT_EQ(ask("PUT", "/v1/sys/seal").status, 204);
  EXPECT_EQ(ask("GET", "/v1/sys/health").status, 503);
}

TEST_F(VaultFaceTest, AFreshServerIsInitialisedOnce) {
  seed(R"({"initialized":false})");
  EXPECT_EQ(ask("GET", "/v1/sys/health").status, 501);
  EXPECT_EQ(ask("PUT", "/v1/sys/unseal", R"({"key":"k"})").status, 400);
  const auto init = parse_json(ask("PUT", "/v1/sys/init").body.expose());
  EXPECT_EQ(init->text_of("root_token"), "root");
  const std::string key = *init->find("keys")->as_array()->at(0).as_string();
  EXPECT_EQ(ask("PUT", "/v1/sys/init").status, 400);
  EXPECT_EQ(ask("PUT", "/v1/sys/unseal", cat(R"({"key":")", key, R"("})")).status, 200);
  EXPECT_EQ(ask("GET", "/v1/sys/health").status, 200);
}

TEST_F(VaultFaceTest, FaultsArePlayedAndRequestsRemembered) {
  const std::pair<const char*, AnswerEnd> rows[] = {
      {R"({"path":"/v1/secret/*","kind":"cut"})", AnswerEnd::kCutInBody},
      {R"({"path":"/v1/secret/*","kind":"cut_headers"})", AnswerEnd::kCutInHeaders},
      {R"({"path":"/v1/secret/*","kind":"close"})", AnswerEnd::kDropped},
      {R"({"path":"/v1/secret/*","kind":"garbage"})", AnswerEnd::kWhole},
      {R"({"path":"/v1/secret/*","delay_ms":40})", AnswerEnd::kWhole},
  };
  for (const auto& [fault, end] : rows) {
    ASSERT_EQ(ask("POST", "/dev/faults", fault).status, 204) << fault;
    EXPECT_EQ(ask("GET", "/v1/secret/data/shop").end, end) << fault;
  }
  EXPECT_THAT(clock_.waits(), ElementsAre(std::chrono::milliseconds(40)));
  ask("POST", "/dev/faults", R"({"path":"/v1/secret/*","status":429,"retry_after":7})");
  const ServerResponse busy = ask("GET", "/v1/secret/data/shop");
  EXPECT_EQ(busy.status, 429);
  EXPECT_EQ(busy.headers.back().name, "Retry-After");
  EXPECT_EQ(busy.headers.back().value, "7");
  ask("POST", "/dev/faults", R"({"path":"*","status":500,"times":0})");
  EXPECT_EQ(ask("DELETE", "/dev/faults").status, 204);
  EXPECT_EQ(ask("GET", "/v1/secret/data/shop").status, 200);
  EXPECT_EQ(ask("POST", "/dev/faults", "{}").status, 400);
  const auto log = parse_json(ask("GET", "/dev/requests").body.expose());
  EXPECT_EQ(log->find("requests")->as_array()->size(), 7U);
  ask("DELETE", "/dev/requests");
  EXPECT_EQ(ask("GET", "/dev/requests").body.expose(), R"({"requests":[]})");
  EXPECT_EQ(ask("GET", "/dev/none").status, 404);
}

}  // namespace
}  // namespace keyferry::dev
