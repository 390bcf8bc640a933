#include "base/encoding.h"
#include "formats/pem.h"
#include "stores/azure/azure_store_fixture.h"

namespace keyferry::stores::azure {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(AzureStoreTest, EncodingsAreDecodedAndSayWhereTheyFail) {
  objects({"{objectName: hex, objectType: secret, objectEncoding: hex}",
           "{objectName: plain, objectType: secret, objectEncoding: utf-8}",
           "{objectName: bad, objectType: secret, objectEncoding: base64}"});
  secret("hex", kV1, "00ffAA");
  secret("plain", kV1, "größe\n");
  secret("bad", kV1, "hunter2!");
  const auto result = fetch();
  EXPECT_EQ(file(result, "hex"), std::string("\0\xFF\xAA", 3));
  EXPECT_EQ(file(result, "plain"), "größe\n");
  EXPECT_THAT(file(result, "bad"),
              AllOf(HasSubstr("bad: not base64 at byte 7; correct objectEncoding"),
                    Not(HasSubstr("hunter2"))));
}

TEST_F(AzureStoreTest, APfxBecomesKeyAndChainInPem) {
  const std::string wanted =
      fixture("leaf.key") + fixture("leaf.pem") + fixture("issuer.pem") + fixture("root.pem");
  // The stock provider's reader knows the old kind only (csi.md 12, Q26): what Key Vault itself
  // makes today it cannot read.
  for (const char* kind : {"old", "modern"}) {
    objects({cat("{objectName: ", kind, ", objectType: secret}")});
    certificate_secret(kind, "application/x-pkcs12", base64_encode(fixture(cat(kind, ".p12"))));
    EXPECT_EQ(file(fetch(), kind), wanted) << kind;
  }
}

TEST_F(AzureStoreTest, AChainWithoutItsIssuerOrNotToBeOrderedStaysAsItIs) {
  objects({"{objectName: tls, objectType: secret}"});
  certificate_secret("tls", "application/x-pkcs12", base64_encode(fixture("no_issuer.p12")));
  EXPECT_EQ(file(fetch(), "tls"), fixture("leaf.key") + fixture("leaf.pem") + fixture("root.pem"));
  spc.parameters["constructPemChain"] = {"false", 8};
  objects({"{objectName: whole, objectType: secret}"});
  certificate_secret("whole", "application/x-pkcs12", base64_encode(fixture("modern.p12")));
  EXPECT_EQ(file(fetch(), "whole"), fixture("leaf.key") + fixture("leaf.pem") +
                                        fixture("root.pem") + fixture("issuer.pem"));
}

TEST_F(AzureStoreTest, APfxMayBeWantedAsItIs) {
  const std::string pfx = fixture("password.p12");
  objects({"{objectName: tls, objectType: secret, objectFormat: pfx, objectAlias: text}",
           "{objectName: tls, objectType: secret, objectFormat: PFX, objectEncoding: base64, "
           "objectAlias: bytes}",
           "{objectName: tls, objectType: secret, objectAlias: pem}"});
  certificate_secret("tls", "application/x-pkcs12", base64_encode(pfx));
  const auto result = fetch();
  EXPECT_EQ(file(result, "text"), base64_encode(pfx));
  EXPECT_EQ(file(result, "bytes"), pfx);
  EXPECT_EQ(file(result, "pem"),
            "tls: the certificate's PFX: is damaged, or has a password; import it without "
            "password, or write objectFormat: pfx");
}

TEST_F(AzureStoreTest, APemStaysAsItIsAndAnythingElseIsNamed) {
  objects({"{objectName: pem, objectType: secret}", "{objectName: odd, objectType: secret}"});
  certificate_secret("pem", "application/x-pem-file", "any text");
  certificate_secret("odd", "text/plain", "x");
  const auto result = fetch();
  EXPECT_EQ(file(result, "pem"), "any text");
  EXPECT_THAT(file(result, "odd"), HasSubstr("content type is 'text/plain', neither"));
}

TEST_F(AzureStoreTest, CertificateAndKeyMayBeFilesOfTheirOwn) {
  spc.parameters["writeCertAndKeyInSeparateFiles"] = {"true", 8};
  objects({"{objectName: tls, objectType: secret}", "{objectName: db, objectType: secret}"});
  certificate_secret("tls", "application/x-pkcs12", base64_encode(fixture("modern.p12")));
  secret("db", kV1, "x");
  const auto result = fetch();
  EXPECT_THAT(ids(result), ElementsAre("tls.crt", "tls.key", "tls", "db"));
  EXPECT_EQ(file(result, "tls.crt"),
            fixture("leaf.pem") + fixture("issuer.pem") + fixture("root.pem"));
  EXPECT_EQ(file(result, "tls.key"), fixture("leaf.key"));
  EXPECT_EQ(file(result, "tls"), file(result, "tls.key") + file(result, "tls.crt"));
  EXPECT_EQ(result->objects[0].file->shown_as, "secret/tls");
  const auto held = fetch({{"tls.crt", kV1}, {"tls.key", kV1}, {"tls", kV1}, {"db", kV1}});
  EXPECT_THAT(held->unchanged, ElementsAre("tls", "tls.crt", "tls.key", "db"));
}

TEST_F(AzureStoreTest, ACertificateIsItsLeafAlone) {
  objects({"{objectName: tls, objectType: cert}"});
  const auto der = std::string(parse_pem(fixture("leaf.pem")).at(0).bytes.expose());
  vault("/certificates/tls/", 200,
        to_text(Json().set("id", id("/certificates/tls", kV2)).set("cer", base64_encode(der))));
  const auto result = fetch();
  EXPECT_EQ(file(result, "tls"), fixture("leaf.pem"));
  EXPECT_EQ(result->objects[0].file->version, kV2);
  EXPECT_EQ(result->objects[0].file->shown_as, "cert/tls");
}

TEST_F(AzureStoreTest, AKeyIsItsPublicHalf) {
  objects({"{objectName: ec, objectType: key}", "{objectName: odd, objectType: key}",
           "{objectName: curve, objectType: key}"});
  const auto key = [&](const std::string& name, Json jwk) {
    jwk.set("kid", id(cat("/keys/", name), kV1));
    vault(cat("/keys/", name, "/"), 200, to_text(Json().set("key", std::move(jwk))));
  };
  // The example key of RFC 7517 A.1.
  key("ec", Json()
                .set("kty", "EC-HSM")
                .set("crv", "P-256")
                .set("x", "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4")
                .set("y", "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"));
  key("odd", Json().set("kty", "oct-HSM"));
  key("curve", Json().set("kty", "EC").set("crv", "P-256K").set("x", "AQ").set("y", "AQ"));
  const auto result = fetch();
  EXPECT_EQ(file(result, "ec"),
            "-----BEGIN PUBLIC KEY-----\n"
            "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEMKBCTNIcKUSDii11ySs3526iDZ8A\n"
            "iTo7Tu6KPAqv7D7gS2XpJFbZiItSs3m9+9Ue6GnvHw/GW2ZZaVtszggXIw==\n"
            "-----END PUBLIC KEY-----\n");
  EXPECT_THAT(file(result, "odd"), HasSubstr("is of type 'oct-HSM', which has no public half"));
  EXPECT_THAT(file(result, "curve"), HasSubstr("'P-256K' is none of P-256, P-384 and P-521"));
}

TEST_F(AzureStoreTest, TheKeysOfAJsonSecretMayBeFiles) {
  objects({"{objectName: all, objectType: secret, expandKeys: true, filePermission: 0600}",
           "{objectName: plain, objectType: secret, expandKeys: true}"});
  secret("all", kV1, R"({"database-password":"x","port":5432})");
  secret("plain", kV1, "hunter2");
  const auto result = fetch();
  EXPECT_THAT(ids(result), ElementsAre("all[database-password]", "all[port]", "plain"));
  EXPECT_EQ(result->objects[1].file->path, "port");
  EXPECT_EQ(result->objects[1].file->mode, 0600U);
  EXPECT_THAT(file(result, "plain"),
              AllOf(HasSubstr("needs a JSON object"), Not(HasSubstr("hunter2"))));
  EXPECT_THAT(fetch({{"all[database-password]", kV1}, {"all[port]", kV1}})->unchanged,
              ElementsAre("all[database-password]", "all[port]"));
}

}  // namespace
}  // namespace keyferry::stores::azure
