#include "stores/azure/azure_store_fixture.h"

namespace keyferry::stores::azure {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(AzureStoreTest, ObjectsThatWantTheSameShareARequest) {
  objects({"{objectName: a, objectType: secret, objectAlias: one}",
           "{objectName: a, objectType: secret, objectAlias: two, objectEncoding: base64}"});
  secret("a", kV1, "AQID");
  const auto result = fetch();
  EXPECT_EQ(file(result, "one"), "AQID");
  EXPECT_EQ(file(result, "two"), "\x01\x02\x03");
  EXPECT_THAT(asked(), ElementsAre("/secrets/a/"));
}

TEST_F(AzureStoreTest, WhatIsHeldComesOnlyWhenItChanged) {
  objects({"{objectName: a, objectType: secret}",
           cat("{objectName: b, objectType: secret, objectVersion: ", kV1, "}")});
  secret("a", kV1, "old");
  const auto same = fetch({{"a", kV1}, {"b", kV1}});
  ASSERT_TRUE(same.ok()) << same.error().message();
  EXPECT_THAT(same->unchanged, ElementsAre("a", "b"));
  EXPECT_THAT(same->objects, IsEmpty());
  EXPECT_THAT(asked(), ElementsAre("/secrets/a/")) << "a version that is named is not asked for";
  const auto changed = fetch({{"a", kV3}, {"b", kV1}});
  EXPECT_EQ(file(changed, "a"), "old");
  EXPECT_THAT(changed->unchanged, ElementsAre("b"));
}

TEST_F(AzureStoreTest, WhatTheVaultRefusesSaysWhatToDo) {
  const struct {
    int status;
    const char* body;
    ErrorCode code;
    const char* words;
  } rows[] = {
      {404, R"({"error":{"code":"SecretNotFound","message":"not found\nmore"}})",
       ErrorCode::kNotFound,
       "secret 'db': HTTP 404 SecretNotFound: not found; create it in the vault, or correct"},
      {403, R"({"error":{"code":"Forbidden","innererror":{"code":"ForbiddenByRbac"}}})",
       ErrorCode::kPermissionDenied, "the role 'Key Vault Secrets User'"},
      {403, R"({"error":{"code":"Forbidden","innererror":{"code":"ForbiddenByFirewall"}}})",
       ErrorCode::kPermissionDenied, "through the vault's firewall"},
      {403, R"({"error":{"code":"Forbidden","innererror":{"code":"SecretDisabled"}}})",
       ErrorCode::kFailedPrecondition, "enable it, or write the objectVersion"},
      {400, R"({"error":{"code":"BadParameter"}})", ErrorCode::kInvalidArgument,
       "correct objectName"},
      {429, "", ErrorCode::kResourceExhausted, "look less often"},
      {500, "", ErrorCode::kUnavailable, "vault's health"},
      {302, "", ErrorCode::kFailedPrecondition, "is that the address of a key vault?"},
  };
  for (const auto& row : rows) {
    const Error error = vault_error(FakeHttp::response(row.status, row.body),
                                    {ObjectType::kSecret, "db", ""}, "application c", {});
    EXPECT_EQ(error.code(), row.code) << row.status;
    EXPECT_THAT(error.message(), AllOf(HasSubstr(row.words), HasSubstr("; ")));
  }
}

TEST_F(AzureStoreTest, OneObjectFailsAloneAndAnOptionalOneMayBeMissing) {
  objects({"{objectName: a, objectType: secret}", "{objectName: b, objectType: secret}",
           "{objectName: b, objectType: secret, objectAlias: c, optional: true}"});
  secret("a", kV1, "x");
  vault("/secrets/b/", 404, R"({"error":{"code":"SecretNotFound"}})");
  const auto result = fetch();
  EXPECT_EQ(file(result, "a"), "x");
  EXPECT_THAT(file(result, "b"), HasSubstr("secret 'b': HTTP 404"));
  EXPECT_THAT(result->absent, ElementsAre("c"));
}

TEST_F(AzureStoreTest, AClassWithMistakesAsksNobody) {
  objects({"{objectName: a_b, objectType: sekret}"});
  spc.parameters.erase("tenantID");
  EXPECT_THAT(file(fetch(), "a"),
              AllOf(HasSubstr("tenantID: is missing"), HasSubstr("did you mean 'secret'?")));
  EXPECT_THAT(http.sent(), IsEmpty());
}

TEST_F(AzureStoreTest, ATokenThatTheVaultRepeatsIsNotTold) {
  any_secret("db");
  objects({"{objectName: db, objectType: secret}"});
  http.script(
      cat("GET ", url("/secrets/db/")), [this](const FakeHttp::Sent& sent) -> Result<Response> {
        const auto bearer = sent.headers.find("authorization");
        if (bearer == sent.headers.end()) {
          return FakeHttp::response(401, "", {{"WWW-Authenticate", challenge}});
        }
        return FakeHttp::response(
            403, cat(R"({"error":{"code":"Forbidden","message":"no: )", bearer->second, R"("}})"));
      });
  (void)fetch();
  const std::string said = file(fetch(), "db");
  EXPECT_THAT(said, ::testing::HasSubstr("Forbidden"));
  EXPECT_THAT(said, ::testing::Not(::testing::HasSubstr("eyJ0b2tlbg")));
}

}  // namespace
}  // namespace keyferry::stores::azure
