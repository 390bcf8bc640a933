#include "stores/vault/vault_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/fake_clock.h"
#include "base/strings.h"
#include "identity/static_token.h"
#include "net/fake_http.h"

namespace keyferry::stores::vault {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kServer = "https://vault:8200/v1/";
const std::string kLogin = "POST " + kServer + "auth/kubernetes/login";
const std::string kShop = "GET " + kServer + "secret/data/shop";
const std::string kToken =
    R"({"auth":{"client_token":"tok-1","lease_duration":3600,"renewable":false}})";
const std::string kSecret =
    R"({"request_id":"r1","lease_id":"","lease_duration":0,"renewable":false,)"
    R"("data":{"data":{"user":"u","password":"p","port":5432,"b64":"aGk=","hex":"6869"},)"
    R"("metadata":{"version":1}},"warnings":null})";

class VaultStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    given_parameter("vaultAddress", "https://vault:8200");
    given_parameter("roleName", "shop");
    given_objects("- {objectName: pw, secretPath: secret/data/shop, secretKey: password}");
    http.answer(kLogin, 200, kToken);
    http.answer(kShop, 200, kSecret);
  }
  void given_parameter(const std::string& name, const std::string& value) {
    spc.parameters[name] = {value, 1};
  }
  void given_objects(const std::string& objects) { given_parameter("objects", objects); }
  void answer_anew(const std::string& line, int status, const std::string& body,
                   const std::vector<Header>& headers = {}) {
    fresh_http.answer(line, status, body, headers);
  }
  Result<FetchResult> fetch(VaultStore& asked) {
    return asked.fetch(
        {{"web", "pod", "uid", "shop"}, spc, tokens, {}, Deadline::in(clock, 10min), {}});
  }
  Result<FetchResult> fetch() { return fetch(store); }
  // The only object's contents, or "error: message".
  std::string contents() {
    const auto result = fetch();
    if (!result.ok()) return cat("error: ", result.error().message());
    const auto& file = result->objects.at(0).file;
    return file.ok() ? std::string(file->contents.expose())
                     : cat("error: ", file.error().message());
  }

  manifest::SecretProviderClass spc;
  FakeClock clock;
  FakeHttp http;
  FakeHttp fresh_http;
  StaticToken tokens{"a.b.c"};
  VaultStore store{{http, clock}};
};

TEST_F(VaultStoreTest, LogsInAsTheRoleWithTheTokenForTheAudience) {
  given_parameter("audience", "my-vault");
  given_parameter("vaultNamespace", "team-a");
  EXPECT_EQ(contents(), "p");
  EXPECT_EQ(tokens.last_audience(), "my-vault");
  const auto sent = http.sent();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].body, R"({"jwt":"a.b.c","role":"shop"})");
  EXPECT_EQ(sent[0].headers.at("x-vault-namespace"), "team-a");
  EXPECT_EQ(sent[1].headers.at("x-vault-token"), "tok-1");
  EXPECT_EQ(sent[1].headers.at("x-vault-request"), "true");
  EXPECT_EQ(sent[1].headers.at("x-vault-namespace"), "team-a");
}

TEST_F(VaultStoreTest, ObjectsOfOnePathShareOneRequest) {
  given_objects(
      "- {objectName: u, secretPath: secret/data/shop, secretKey: user}\n"
      "- {objectName: p, secretPath: v1/secret/data/shop, secretKey: password}\n"
      "- {objectName: q, secretPath: secret/data/shop, secretKey: user, method: get}\n");
  ASSERT_TRUE(fetch().ok());
  EXPECT_THAT(http.lines(), ElementsAre(kLogin, kShop));
}

// What was read of a class is kept; an edited one is another, whatever its name.
TEST_F(VaultStoreTest, AnEditedClassIsReadAnew) {
  EXPECT_EQ(contents(), "p");
  given_objects("- {objectName: pw, secretPath: secret/data/shop, secretKey: user}");
  EXPECT_EQ(contents(), "u");
  given_parameter("roleName", "");
  EXPECT_THAT(contents(), HasSubstr("roleName"));
}

TEST_F(VaultStoreTest, OtherArgumentsAreAnotherRequest) {
  http.answer("PUT " + kServer + "pki/issue/r", 200, R"({"data":{"cn":"x"}})");
  given_objects(
      "- {objectName: a, secretPath: pki/issue/r, method: PUT, secretKey: cn, secretArgs: {n: 1}}\n"
      "- {objectName: b, secretPath: pki/issue/r, method: PUT, secretKey: cn, secretArgs: {n: 2}}");
  ASSERT_TRUE(fetch().ok());
  const auto sent = http.sent();
  ASSERT_EQ(sent.size(), 3U);
  EXPECT_EQ(sent[1].body, R"({"n":1})");
  EXPECT_EQ(sent[2].body, R"({"n":2})");
}

TEST_F(VaultStoreTest, AValueIsWrittenAsItsEncodingAndTypeSay) {
  const std::pair<const char*, const char*> rows[] = {
      {"secretKey: b64, encoding: base64", "hi"},
      {"secretKey: hex, encoding: hex", "hi"},
      {"secretKey: port", "5432"},
      {"secretKey: user", "u"},
  };
  for (const auto& [fields, expected] : rows) {
    given_objects(cat("- {objectName: a, secretPath: secret/data/shop, ", fields, "}"));
    EXPECT_EQ(contents(), expected) << fields;
  }
  given_objects("- {objectName: a, secretPath: secret/data/shop, secretKey: user, encoding: hex}");
  EXPECT_THAT(contents(), HasSubstr("key 'user'"));
}

// Each file's id and contents, then what is absent.
std::vector<std::string> given_by(const Result<FetchResult>& result) {
  std::vector<std::string> lines;
  for (const auto& object : result->objects) {
    lines.push_back(object.file.ok() ? cat(object.id, '=', object.file->contents.expose())
                                     : cat(object.id, ": ", object.file.error().message()));
  }
  for (const auto& id : result->absent) lines.push_back(cat(id, " is absent"));
  return lines;
}

TEST_F(VaultStoreTest, AnOptionalObjectMayBeMissingButNotRefused) {
  given_objects(
      "- {objectName: a, secretPath: secret/data/none, secretKey: x, optional: \"true\"}\n"
      "- {objectName: b, secretPath: secret/data/shop, secretKey: none, optional: true}\n"
      "- {objectName: c, secretPath: secret/data/shop, secretKey: user, optional: true}");
  const std::string none = "GET " + kServer + "secret/data/none";
  http.answer(none, 404, R"({"errors":[]})");
  http.answer(none, 403, R"({"errors":["permission denied"]})");
  http.answer(none, 403, R"({"errors":["permission denied"]})");
  http.answer(none, 404, R"({"errors":["no handler for route"]})");
  EXPECT_THAT(given_by(fetch()), ElementsAre("c=u", "a is absent", "b is absent"));
  EXPECT_THAT(given_by(fetch()),
              ElementsAre(HasSubstr("a: GET secret/data/none: HTTP 403"), "c=u", "b is absent"));
  EXPECT_THAT(given_by(fetch()),
              ElementsAre(HasSubstr("a: GET secret/data/none: HTTP 404"), "c=u", "b is absent"));
}

TEST_F(VaultStoreTest, KeysBecomeFilesOfTheSecretOrOfTheJsonInOneOfItsFields) {
  given_objects("- {objectName: all, secretPath: secret/data/shop, expandKeys: \"true\"}");
  EXPECT_THAT(given_by(fetch()), ElementsAre("all[b64]=aGk=", "all[hex]=6869", "all[password]=p",
                                             "all[port]=5432", "all[user]=u"));
  http.answer("GET " + kServer + "kv/app", 200, R"({"data":{"json":"{\"k\":\"v\"}","text":"v"}})");
  given_objects(
      "- {objectName: a, secretPath: kv/app, secretKey: json, expandKeys: true}\n"
      "- {objectName: b, secretPath: kv/app, secretKey: text, expandKeys: true}");
  EXPECT_THAT(given_by(fetch()),
              ElementsAre("a[k]=v", HasSubstr("b: expandKeys needs a JSON object")));
}

TEST_F(VaultStoreTest, WithoutAKeyTheWholeAnswerIsTheFileAndItsVersionForgetsTheRequest) {
  given_objects("- {objectName: a, secretPath: secret/data/shop}");
  const auto first = fetch();
  EXPECT_THAT(std::string(first->objects[0].file->contents.expose()),
              AllOf(HasSubstr(R"({"request_id":"r1","lease_id":"","lease_duration":0,)"),
                    HasSubstr(R"("password":"p")")));
  std::string other = kSecret;
  other.replace(other.find("r1"), 2, "r2");
  VaultStore again({fresh_http, clock});
  fresh_http.answer(kLogin, 200, kToken);
  fresh_http.answer(kShop, 200, kSecret);
  fresh_http.answer(kShop, 200, other);
  const auto one = fetch(again);
  const auto two = fetch(again);
  EXPECT_FALSE(one->objects[0].file->contents == two->objects[0].file->contents);
  EXPECT_EQ(one->objects[0].file->version, two->objects[0].file->version);
}

TEST_F(VaultStoreTest, OneLoginServesUntilTwoThirdsOfItsLife) {
  EXPECT_EQ(contents(), "p");
  clock.tick(35min);
  EXPECT_EQ(contents(), "p");
  EXPECT_EQ(tokens.asked(), 1);
  clock.tick(6min);
  EXPECT_EQ(contents(), "p");
  EXPECT_EQ(tokens.asked(), 2);
}

// Two thirds of a life that fills 64 bits, added to a clock of nanoseconds, overflowed.
TEST_F(VaultStoreTest, ALoginWhoseLifeIsLongerThanAnyClockIsStillOneLogin) {
  VaultStore fresh({fresh_http, clock});
  answer_anew(kLogin, 200,
              R"({"auth":{"client_token":"tok-1","lease_duration":9223372036854775807}})");
  answer_anew(kShop, 200, kSecret);
  EXPECT_TRUE(fetch(fresh).ok());
  clock.tick(24h);
  EXPECT_TRUE(fetch(fresh).ok());
  EXPECT_THAT(fresh_http.lines(), ElementsAre(kLogin, kShop, kShop));
}

TEST_F(VaultStoreTest, ATokenThatWasRevokedIsReplacedByOneLogin) {
  VaultStore asked({fresh_http, clock});
  answer_anew(kLogin, 200, kToken);
  answer_anew(kShop, 200, kSecret);
  answer_anew(kShop, 403, R"({"errors":["permission denied"]})");
  answer_anew(kShop, 200, kSecret);
  EXPECT_TRUE(fetch(asked)->objects[0].file.ok());
  EXPECT_TRUE(fetch(asked)->objects[0].file.ok());
  EXPECT_THAT(fresh_http.lines(), ElementsAre(kLogin, kShop, kShop, kLogin, kShop));
}

TEST_F(VaultStoreTest, AStandbysRedirectIsFollowedOnce) {
  VaultStore standby({fresh_http, clock});
  answer_anew(kLogin, 307, "", {{"Location", "https://active:8200/v1/auth/kubernetes/login"}});
  answer_anew("POST https://active:8200/v1/auth/kubernetes/login", 200, kToken);
  answer_anew(kShop, 307, "", {{"Location", "https://active:8200/v1/secret/data/shop"}});
  answer_anew("GET https://active:8200/v1/secret/data/shop", 200, kSecret);
  const auto result = fetch(standby);
  ASSERT_TRUE(result.ok()) << result.error().message();
  EXPECT_EQ(result->objects[0].file->contents.expose(), "p");
  EXPECT_EQ(fresh_http.sent().at(1).body, R"({"jwt":"a.b.c","role":"shop"})");
}

TEST_F(VaultStoreTest, NoTokenGoesFromHttpsToHttp) {
  VaultStore standby({fresh_http, clock});
  answer_anew(kLogin, 307, "", {{"Location", "http://active:8200/v1/auth/kubernetes/login"}});
  EXPECT_THAT(fetch(standby).error().message(), HasSubstr("in the clear"));
  EXPECT_EQ(fresh_http.sent().size(), 1U);
}

TEST_F(VaultStoreTest, AServerErrorIsTriedThreeTimes) {
  VaultStore flaky({fresh_http, clock});
  answer_anew(kLogin, 500, R"({"errors":["internal error"]})");
  answer_anew(kLogin, 502, "");
  answer_anew(kLogin, 200, kToken);
  answer_anew(kShop, 200, kSecret);
  EXPECT_TRUE(fetch(flaky).ok());
  EXPECT_EQ(clock.waits().size(), 2U);
}

TEST_F(VaultStoreTest, A429WaitsAsLongAsTheServerSays) {
  VaultStore busy({fresh_http, clock});
  answer_anew(kLogin, 200, kToken);
  answer_anew(kShop, 429, R"({"errors":["rate limit quota exceeded"]})", {{"Retry-After", "7"}});
  answer_anew(kShop, 200, kSecret);
  EXPECT_TRUE(fetch(busy).ok());
  EXPECT_THAT(clock.waits(), ElementsAre(7s));
}

struct Refusal {
  std::string line;
  int status;
  const char* body;
  ErrorCode code;
  const char* words;
};

TEST_F(VaultStoreTest, EveryRefusalOfAReadSaysWhatToDo) {
  const Refusal rows[] = {
      {kShop, 403, R"({"errors":["1 error occurred:\n\t* permission denied\n\n"]})",
       ErrorCode::kPermissionDenied,
       "give a policy of role 'shop' this rule: path \"secret/data/shop\" { capabilities = "
       "[\"read\"] }"},
      {kShop, 404, R"({"errors":[]})", ErrorCode::kNotFound, "nothing is there"},
      {kShop, 404, R"({"errors":["namespace not found"]})", ErrorCode::kFailedPrecondition,
       "check vaultNamespace"},
      {kShop, 405, R"({"errors":["unsupported operation"]})", ErrorCode::kUnimplemented,
       "set `method`"},
      {kShop, 503, R"({"errors":["Vault is sealed"]})", ErrorCode::kUnavailable,
       "unseal the server at https://vault:8200"},
      {kShop, 429, R"({"errors":["quota"]})", ErrorCode::kResourceExhausted, "raise the quota"},
      {kShop, 500, R"({"errors":["boom"]})", ErrorCode::kUnavailable, "look at the log"},
      {kShop, 200, "<html>", ErrorCode::kUnavailable,
       "is that the address of a Vault or OpenBao server?"},
      {kShop, 204, "", ErrorCode::kNotFound, "empty answer"},
      {kShop, 200, R"({"data":null,"warnings":["w1"]})", ErrorCode::kNotFound, "no data: w1"},
      {kShop, 200, R"({"data":{"data":null,"metadata":{"deletion_time":"x"}}})",
       ErrorCode::kNotFound, "'password' is not at secret/data/shop"},
  };
  for (const Refusal& row : rows) {
    FakeHttp refusing;
    VaultStore asked({refusing, clock});
    refusing.answer(kLogin, 200, kToken);
    refusing.answer(row.line, row.status, row.body);
    const auto result = fetch(asked);
    ASSERT_TRUE(result.ok()) << result.error().message();
    ASSERT_FALSE(result->objects[0].file.ok()) << row.body;
    const Error& error = result->objects[0].file.error();
    EXPECT_EQ(error.code(), row.code) << error.message();
    EXPECT_THAT(error.message(), HasSubstr(row.words));
  }
}

TEST_F(VaultStoreTest, APathThatDoesNotFitItsEngineIsCorrected) {
  struct Row {
    const char* path;
    const char* version;
    int status;
    const char* words;
  };
  const Row rows[] = {
      {"secret/shop", "2", 404, "secretPath must be 'secret/data/shop'"},
      {"secret/shop", "2", 403, "secretPath must be 'secret/data/shop'"},
      {"secret/data/shop", "1", 404, "secretPath must be 'secret/shop', without data/"},
  };
  for (const Row& row : rows) {
    FakeHttp refusing;
    VaultStore asked({refusing, clock});
    refusing.answer(kLogin, 200, kToken);
    refusing.answer(cat("GET ", kServer, row.path), row.status, R"({"errors":[]})");
    refusing.answer(cat("GET ", kServer, "sys/internal/ui/mounts/", row.path), 200,
                    cat(R"({"data":{"path":"secret/","type":"kv","options":{"version":")",
                        row.version, R"("}}})"));
    given_objects(cat("- {objectName: a, secretPath: ", row.path, ", secretKey: k}"));
    const auto result = fetch(asked);
    ASSERT_TRUE(result.ok()) << result.error().message();
    EXPECT_THAT(result->objects[0].file.error().message(), HasSubstr(row.words));
  }
}

TEST_F(VaultStoreTest, EveryRefusalOfALoginSaysWhatToDo) {
  const Refusal rows[] = {
      {kLogin, 400, R"({"errors":["role \"shop\" could not be found"]})",
       ErrorCode::kUnauthenticated, "create the role 'shop' or correct roleName"},
      {kLogin, 400, R"({"errors":["invalid audience (aud) claim"]})", ErrorCode::kUnauthenticated,
       "the token must be one for audience 'vault'"},
      {kLogin, 403, R"({"errors":["permission denied"]})", ErrorCode::kUnauthenticated,
       "check that login method 'kubernetes' exists"},
      {kLogin, 404, R"({"errors":["no handler for route"]})", ErrorCode::kNotFound,
       "there is no login method 'kubernetes'"},
      {kLogin, 503, R"({"errors":["Vault is sealed"]})", ErrorCode::kUnavailable, "unseal"},
      {kLogin, 200, R"({"auth":null})", ErrorCode::kInternal, "holds no token"},
      {kLogin, 200, "hello", ErrorCode::kUnavailable, "is not JSON"},
  };
  for (const Refusal& row : rows) {
    FakeHttp refusing;
    VaultStore asked({refusing, clock});
    refusing.answer(row.line, row.status, row.body);
    const auto result = fetch(asked);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code(), row.code) << result.error().message();
    EXPECT_THAT(result.error().message(), HasSubstr(row.words));
    EXPECT_THAT(result.error().message(), Not(HasSubstr("a.b.c")));
  }
}

TEST_F(VaultStoreTest, ABadClassIsRefusedBeforeAnythingIsAsked) {
  spc.parameters.erase("roleName");
  EXPECT_EQ(fetch().error().code(), ErrorCode::kInvalidArgument);
  EXPECT_TRUE(http.sent().empty());
}

TEST(StoreRegistry, AnUnknownProviderIsToldWhatThereIs) {
  EXPECT_TRUE(store_kind_of("vault").ok());
  EXPECT_THAT(store_kind_of("valut").error().message(), HasSubstr("did you mean 'vault'?"));
  EXPECT_THAT(store_kind_of("gcp").error().message(), HasSubstr("there are: vault"));
}

TEST_F(VaultStoreTest, TheEnvironmentIsReadForWhatTheClassDoesNotName) {
  spc.parameters.erase("vaultAddress");
  given_objects("- {objectName: pw, secretPath: secret/data/shop, secretKey: password}");
  VaultStore with_environment({http, clock, [](std::string_view name) {
                                 return std::string(name == "VAULT_ADDR" ? "https://vault:8200"
                                                                         : "");
                               }});
  EXPECT_TRUE(fetch(with_environment).ok());
  VaultStore with_nonsense({http, clock, [](std::string_view name) {
                              return std::string(name == "VAULT_ADDR" ? "unix:///vault" : "");
                            }});
  const auto refused = fetch(with_nonsense);
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message(), HasSubstr("of the environment came VAULT_ADDR"));
}

}  // namespace
}  // namespace keyferry::stores::vault
