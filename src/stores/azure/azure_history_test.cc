#include "stores/azure/azure_store_fixture.h"

namespace keyferry::stores::azure {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The stock provider writes one version more than it was asked for (csi.md 12, Q23), and classes
// were written for what it does; exactVersionHistory gives the number that was meant.
TEST_F(AzureStoreTest, AHistoryHasOneFileMoreThanItSaysUnlessItIsToBeExact) {
  objects({"{objectName: db, objectType: secret, objectAlias: pw, objectVersionHistory: 2}"});
  any_secret("db");
  const std::string old(32, '0');
  vault("/secrets/db/versions", 200, versions({{kV1, 10}, {kV3, 30}, {old, 5}, {kV2, 20}}));
  for (const auto& version : {kV1, kV2, kV3, old}) {
    secret("db", version, cat("value of ", version[0]), version);
  }
  const auto stock = fetch();
  EXPECT_THAT(ids(stock), ElementsAre("pw/0", "pw/1", "pw/2"));
  EXPECT_EQ(file(stock, "pw/0"), "value of 3");
  EXPECT_EQ(file(stock, "pw/2"), "value of 1");
  EXPECT_EQ(stock->objects[2].file->shown_as, "secret/db/2");
  spc.parameters["exactVersionHistory"] = {"true", 8};
  EXPECT_THAT(ids(fetch()), ElementsAre("pw/0", "pw/1"));
}

TEST_F(AzureStoreTest, AHistoryCostsItsListAndWhatIsNewInIt) {
  objects({"{objectName: db, objectType: secret, objectVersionHistory: 2}"});
  any_secret("db");
  vault("/secrets/db/versions", 200, versions({{kV1, 10}, {kV2, 20}}));
  secret("db", kV2, "new", kV2);
  const auto same = fetch({{"db/0", kV2}, {"db/1", kV1}});
  EXPECT_THAT(same->unchanged, ElementsAre("db/0", "db/1"));
  EXPECT_THAT(asked(), ElementsAre("/secrets/db/versions"));
  const auto changed = fetch({{"db/0", kV3}, {"db/1", kV1}});
  EXPECT_THAT(ids(changed), ElementsAre("db/0"));
  EXPECT_THAT(changed->unchanged, ElementsAre("db/1"));
}

TEST_F(AzureStoreTest, AHistoryBeginsAtItsVersionAndLeavesDisabledOnesOut) {
  objects({cat("{objectName: db, objectType: secret, objectVersionHistory: 5, objectVersion: ", kV2,
               "}")});
  any_secret("db");
  const std::string old(32, '0');
  vault("/secrets/db/versions", 200, versions({{kV1, -10}, {kV3, 30}, {old, 5}, {kV2, 20}}));
  secret("db", kV2, "2", kV2);
  secret("db", old, "0", old);
  const auto result = fetch();
  EXPECT_THAT(ids(result), ElementsAre("db/0", "db/1"));
  EXPECT_EQ(file(result, "db/1"), "0");
}

TEST_F(AzureStoreTest, AHistoryThatTheVaultDoesNotKnowGivesNoFiles) {
  objects({"{objectName: db, objectType: secret, objectVersionHistory: 2}",
           "{objectName: db, objectType: secret, objectVersionHistory: 2, objectAlias: other, "
           "optional: true}"});
  any_secret("db");
  vault("/secrets/db/versions", 200, versions({}));
  const auto result = fetch();
  ASSERT_TRUE(result.ok());
  EXPECT_THAT(result->objects, IsEmpty());
  EXPECT_THAT(result->absent, ElementsAre("other"));
}

TEST_F(AzureStoreTest, AListOfVersionsIsFollowedOnTheSameHostOnly) {
  objects({"{objectName: db, objectType: secret, objectVersionHistory: 2}"});
  any_secret("db");
  const std::string page = "/secrets/db/versions?api-version=7.4&$skiptoken=25";
  vault("/secrets/db/versions", 200, versions({{kV1, 10}}, cat(kVault, page)));
  vault(page, 200, versions({{kV2, 20}}));
  secret("db", kV1, "1", kV1);
  secret("db", kV2, "2", kV2);
  EXPECT_THAT(ids(fetch()), ElementsAre("db/0", "db/1"));

  int number = 0;
  for (const char* link : {"https://evil.example/x", "https://shop.vault.azure.net.evil.example/x",
                           "http://shop.vault.azure.net/x", "/secrets/evil/versions"}) {
    const std::string name = cat("evil-", number++);
    objects({cat("{objectName: ", name, ", objectType: secret, objectVersionHistory: 2}")});
    vault(cat("/secrets/", name, "/versions"), 200, versions({{kV1, 10}}, link));
    EXPECT_THAT(file(fetch(), name), HasSubstr("the token is sent to nobody else")) << link;
  }
}

TEST_F(AzureStoreTest, AListOfVersionsThatLeadsBackToItselfEnds) {
  objects({"{objectName: db, objectType: secret, objectVersionHistory: 2}"});
  any_secret("db");
  const std::string page = "/secrets/db/versions?api-version=7.4&$skiptoken=25";
  vault("/secrets/db/versions", 200, versions({{kV1, 10}}, cat(kVault, page)));
  vault(page, 200, versions({{kV2, 20}}, cat(kVault, page)));
  EXPECT_THAT(file(fetch(), "db"), HasSubstr("has no end"));
  EXPECT_LT(http.sent().size(), 8U);
}

// Emulators are at times found below a path.
TEST_F(AzureStoreTest, AVaultMayBeBelowAPath) {
  const std::string base = "https://10.0.0.5:8443/vaults/shop";
  spc.parameters["endpointUrl"] = {base, 8};
  objects({"{objectName: db, objectType: secret, objectVersionHistory: 2}"});
  const std::string page = "/secrets/db/versions?api-version=7.4&$skiptoken=1";
  vault("/secrets/db/", 200, "{}", base);
  vault("/secrets/db/versions", 200, versions({{kV1, 10}}, cat(base, page)), base);
  vault(page, 200, versions({}), base);
  vault(cat("/secrets/db/", kV1), 200,
        to_text(Json().set("id", cat(base, "/secrets/db/", kV1)).set("value", "x")), base);
  const auto result = fetch();
  EXPECT_EQ(file(result, "db/0"), "x");
  EXPECT_EQ(result->objects[0].file->version, kV1);
}

}  // namespace
}  // namespace keyferry::stores::azure
