#include "stores/azure/azure_store_fixture.h"

namespace keyferry::stores::azure {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(AzureStoreTest, ASecretIsAskedForWithATokenForTheVaultsDomain) {
  objects({"{objectName: db, objectType: secret, objectAlias: db-password, filePermission: 0640}"});
  secret("db", kV1, "hunter2");
  const auto result = fetch();
  EXPECT_EQ(file(result, "db-password"), "hunter2");
  const SecretFile& got = *result->objects[0].file;
  EXPECT_EQ(got.path, "db-password");
  EXPECT_EQ(got.version, kV1);
  EXPECT_EQ(got.mode, 0640U);
  EXPECT_EQ(got.shown_as, "secret/db");
  EXPECT_EQ(tokens.last_audience(), "api://AzureADTokenExchange");
  EXPECT_THAT(http.lines(), ElementsAre(cat("GET ", url("/secrets/db/")),
                                        cat("POST https://login.microsoftonline.com/", kTenant,
                                            "/oauth2/v2.0/token"),
                                        cat("GET ", url("/secrets/db/"))));
  EXPECT_THAT(http.sent()[1].body, HasSubstr("scope=https%3A%2F%2Fvault.azure.net%2F.default"));
}

// The stock provider asks for a challenge and a token at each mount (csi.md 8.3).
TEST_F(AzureStoreTest, TheChallengeIsReadOncePerVaultAndTheTokenKept) {
  objects({"{objectName: a, objectType: secret}", "{objectName: b, objectType: secret}"});
  secret("a", kV1, "1");
  secret("b", kV1, "2");
  EXPECT_EQ(file(fetch(), "b"), "2");
  EXPECT_EQ(http.sent().size(), 4U);
  EXPECT_EQ(file(fetch(), "a"), "1");
  EXPECT_EQ(http.sent().size(), 6U);
}

TEST_F(AzureStoreTest, AVaultOfAnotherDomainGetsNoToken) {
  objects({"{objectName: a, objectType: secret}"});
  secret("a", kV1, "x");
  challenge =
      "Bearer authorization=\"https://login.x/t\", resource=\"https://graph.microsoft.com\"";
  const auto result = fetch();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code(), ErrorCode::kFailedPrecondition);
  EXPECT_THAT(result.error().message(),
              HasSubstr("the vault at https://shop.vault.azure.net: wants tokens for "
                        "https://graph.microsoft.com, and shop.vault.azure.net"));
  EXPECT_EQ(http.sent().size(), 1U);
}

// An emulator was seen to name its own address and nothing else.
TEST_F(AzureStoreTest, AChallengeThatSaysNothingUsableIsReplacedByWhatTheCloudSays) {
  for (const char* useless : {"Bearer authorization_uri=\"https://x/secrets/a\"", "Basic realm=x",
                              "", "Bearer", "Bearer resource=\"vault\", authorization=\"t\""}) {
    AzureStore fresh{{http, clock}};
    challenge = useless;
    objects({"{objectName: a, objectType: secret}"});
    secret("a", kV1, "x");
    const auto result = fresh.fetch({{"shop", "", "", "web", ""}, spc, tokens, {}, {}, {}});
    EXPECT_EQ(file(result, "a"), "x") << useless;
  }
}

TEST_F(AzureStoreTest, ATokenThatTheVaultRefusesIsGotAnewOnceAndThenExplained) {
  objects({"{objectName: a, objectType: secret}"});
  const std::string line = cat("GET ", url("/secrets/a/"));
  challenge =
      "Bearer authorization=\"https://login.windows.net/other-tenant\", "
      "resource=\"https://vault.azure.net\"";
  http.answer(line, 401,
              R"({"error":{"code":"Unauthorized","message":"AKV10032: Invalid issuer"}})",
              {{"WWW-Authenticate", challenge}});
  EXPECT_THAT(file(fetch(), "a"),
              AllOf(HasSubstr("HTTP 401 Unauthorized: AKV10032: Invalid issuer; tenantID must be"),
                    HasSubstr("the vault itself names tenant other-tenant of https://login.win")));
  EXPECT_EQ(http.sent().size(), 5U) << "challenge, token, question, token, question";
}

TEST_F(AzureStoreTest, ALoginThatIsRefusedFailsTheWholeFetch) {
  objects({"{objectName: a, objectType: secret}", "{objectName: b, objectType: secret}"});
  secret("a", kV1, "x");
  spc.parameters["tenantID"] = {"contoso.com", 6};
  http.answer("POST https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token", 401,
              R"({"error":"invalid_client","error_description":"AADSTS700213: no"})");
  const auto result = fetch();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code(), ErrorCode::kUnauthenticated);
  EXPECT_THAT(result.error().message(), HasSubstr("needs a federated credential"));
}

TEST_F(AzureStoreTest, EachCloudHasItsOwnAddresses) {
  spc.parameters["cloudName"] = {"AzureChinaCloud", 8};
  objects({"{objectName: a, objectType: secret}"});
  entra("https://login.chinacloudapi.cn");
  challenge =
      "Bearer authorization=\"https://login.chinacloudapi.cn/t\", "
      "resource=\"https://vault.azure.cn\"";
  vault("/secrets/a/", 200, to_text(Json().set("id", "https://x/secrets/a/v").set("value", "x")),
        "https://shop.vault.azure.cn");
  EXPECT_EQ(file(fetch(), "a"), "x");
  EXPECT_THAT(http.sent()[1].body, HasSubstr("scope=https%3A%2F%2Fvault.azure.cn%2F.default"));
}

// The stock provider sets one mount's file for its whole process (csi.md 12, Q24): the next mount
// then asks in a cloud that it never named.
TEST_F(AzureStoreTest, ACustomCloudIsOneMountsAlone) {
  const std::string path = cat(::testing::TempDir(), "keyferry-azure-cloud.json");
  auto dir = open_dir(::testing::TempDir());
  ASSERT_TRUE(dir.ok());
  (void)(*dir)->remove_file("keyferry-azure-cloud.json");
  ASSERT_TRUE((*dir)
                  ->write_new_file("keyferry-azure-cloud.json",
                                   R"({"activeDirectoryEndpoint":"https://adfs.local/",)"
                                   R"("keyVaultDNSSuffix":"vault.local"})",
                                   0600)
                  .ok());
  objects({"{objectName: a, objectType: secret}"});
  secret("a", kV1, "public");
  auto custom = spc;
  custom.parameters["cloudName"] = {"AzureStackCloud", 8};
  custom.parameters["cloudEnvFileName"] = {path, 9};
  entra("https://adfs.local");
  const auto plain_challenge = std::exchange(challenge, "");
  vault("/secrets/a/", 200, to_text(Json().set("id", "https://x/secrets/a/v").set("value", "own")),
        "https://shop.vault.local");
  EXPECT_EQ(file(store.fetch({{"shop", "", "", "web", ""}, custom, tokens, {}, {}, {}}), "a"),
            "own");
  challenge = plain_challenge;
  EXPECT_EQ(file(fetch(), "a"), "public");
  ASSERT_TRUE((*dir)->remove_file("keyferry-azure-cloud.json").ok());
  EXPECT_THAT(file(store.fetch({{"shop", "", "", "web", ""}, custom, tokens, {}, {}, {}}), "a"),
              AllOf(HasSubstr("cloudEnvFileName '"), HasSubstr("put the description")));
  custom.parameters.erase("cloudEnvFileName");
  EXPECT_THAT(file(store.fetch({{"shop", "", "", "web", ""}, custom, tokens, {}, {}, {}}), "a"),
              HasSubstr("name its file in cloudEnvFileName"));
}

TEST_F(AzureStoreTest, ThePrivateEndpointIsAskedInsteadOfTheName) {
  spc.parameters["endpointUrl"] = {"https://10.0.0.5:8443", 8};
  spc.parameters["caCertPath"] = {"/etc/ca.pem", 9};
  objects({"{objectName: db, objectType: secret, objectVersionHistory: 2}"});
  const std::string base = "https://10.0.0.5:8443";
  const std::string page = "/secrets/db/versions?api-version=7.4&$skiptoken=1";
  vault("/secrets/db/", 200, "{}", base);
  // The vault goes by its own name in what it says.
  vault("/secrets/db/versions", 200, versions({}, cat(kVault, page)), base);
  vault(page, 200, versions({{kV1, 10}}), base);
  vault(cat("/secrets/db/", kV1), 200,
        to_text(Json().set("id", id("/secrets/db", kV1)).set("value", "x")), base);
  EXPECT_EQ(file(fetch(), "db/0"), "x");
  EXPECT_EQ(http.sent().back().tls.ca_file, "/etc/ca.pem");
}

TEST_F(AzureStoreTest, AServicePrincipalComesFromThePublishSecrets) {
  spc.parameters.erase("clientID");
  objects({"{objectName: a, objectType: secret}"});
  secret("a", kV1, "x");
  EXPECT_THAT(file(fetch(), "a"), HasSubstr("there is no nodePublishSecretRef; name a secret"));
  auto some = std::make_shared<PublishSecrets>();
  (*some)["ClientID"] = Secret("c-1\n");
  secrets = some;
  EXPECT_THAT(file(fetch(), "a"), HasSubstr("lacks clientsecret; put them in"));
  EXPECT_THAT(http.sent(), IsEmpty());
  auto whole = std::make_shared<PublishSecrets>();
  (*whole)["ClientID"] = Secret("c-1\n");
  (*whole)["clientSecret"] = Secret("s3cr3t");
  secrets = whole;
  EXPECT_EQ(file(fetch(), "a"), "x");
  EXPECT_THAT(http.sent()[1].body,
              AllOf(HasSubstr("client_id=c-1&"), HasSubstr("&client_secret=s3cr3t")));
  EXPECT_EQ(tokens.asked(), 0);
}

TEST_F(AzureStoreTest, TheMachinesIdentityNeedsNothingOfThePod) {
  spc.parameters.erase("clientID");
  spc.parameters["useVMManagedIdentity"] = {"true", 7};
  variables["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = "http://127.0.0.1:40342/";
  objects({"{objectName: a, objectType: secret}"});
  secret("a", kV1, "x");
  http.answer(
      "GET http://127.0.0.1:40342/metadata/identity/oauth2/token?api-version=2018-02-01&resource="
      "https%3A%2F%2Fvault.azure.net",
      200, R"({"access_token":"eyJ0b2tlbg","expires_in":"3600"})");
  EXPECT_EQ(file(fetch(), "a"), "x");
  EXPECT_EQ(tokens.asked(), 0);
}

TEST_F(AzureStoreTest, TheTokenProxyIsFoundAsTheClustersWebhookSaysIt) {
  spc.parameters["useAzureTokenProxy"] = {"true", 7};
  variables["AZURE_KUBERNETES_TOKEN_PROXY"] = "https://proxy.local";
  variables["AZURE_KUBERNETES_SNI_NAME"] = "a0.ests.aks";
  variables["AZURE_KUBERNETES_CA_FILE"] = "/ca.crt";
  objects({"{objectName: a, objectType: secret}"});
  secret("a", kV1, "x");
  entra("https://proxy.local");
  EXPECT_EQ(file(fetch(), "a"), "x");
  EXPECT_EQ(tokens.last_audience(), "api://AKSIdentityBinding");
  EXPECT_EQ(http.sent()[1].tls.server_name, "a0.ests.aks");
  EXPECT_EQ(http.sent()[1].tls.ca_file, "/ca.crt");
  variables["AZURE_KUBERNETES_TOKEN_PROXY"] = "http://proxy.local";
  EXPECT_THAT(file(fetch(), "a"),
              HasSubstr("AZURE_KUBERNETES_TOKEN_PROXY 'http://proxy.local' is"));
}

TEST(AzureChallenge, IsReadInEveryWayItIsWritten) {
  const auto of = [](const std::string& header) {
    return challenge_of(FakeHttp::response(401, "", {{"WWW-Authenticate", header}}));
  };
  const Challenge usual{"https://login.microsoftonline.com", "t", "https://vault.azure.net"};
  EXPECT_EQ(of("Bearer authorization=\"https://login.microsoftonline.com/t\", "
               "resource=\"https://vault.azure.net\""),
            usual);
  EXPECT_EQ(of("bearer resource=https://vault.azure.net/,authorization = "
               "https://login.microsoftonline.com/t/x"),
            usual);
  EXPECT_EQ(of("Bearer authorization=\"https://login.microsoftonline.com/t\", "
               "scope=\"https://vault.azure.net/.default\""),
            usual);
  EXPECT_EQ(of("Bearer authorization=\"https://login.x\"").tenant, "");
}

TEST(AzureChallenge, TheResourceMustBeTheVaultsDomain) {
  const auto good = [](const char* resource) {
    return check_challenge({"", "", resource}, {"shop.vault.azure.net"}).ok();
  };
  EXPECT_TRUE(good(""));
  EXPECT_TRUE(good("https://vault.azure.net"));
  EXPECT_TRUE(good("https://VAULT.azure.net"));
  EXPECT_FALSE(good("https://ault.azure.net"));
  EXPECT_FALSE(good("https://evil.vault.azure.net"));
  EXPECT_FALSE(good("https://management.azure.com"));
}

}  // namespace
}  // namespace keyferry::stores::azure
