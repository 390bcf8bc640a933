#include "net/pkcs12.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pkcs12.h>

#include "base/strings.h"
#include "formats/pem.h"
#include "net/certificate_chain.h"
#include "os/dir.h"

namespace keyferry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A file made by OpenSSL (testdata/pkcs12/make).
Secret file(const std::string& name) {
  auto bytes = read_file(cat(KEYFERRY_TESTDATA, "/pkcs12/", name), 100'000);
  EXPECT_TRUE(bytes.ok()) << name;
  return bytes.ok() ? std::move(bytes).value() : Secret();
}

// The DER inside a PEM file with one block.
std::string der(const std::string& name) {
  const auto blocks = parse_pem(file(name).expose());
  EXPECT_THAT(blocks, SizeIs(1)) << name;
  return blocks.size() == 1 ? std::string(blocks[0].bytes.expose()) : "";
}

TEST(Pkcs12, OldAndModernFilesAreReadAlikeInTheOrderOfTheirBags) {
  for (const char* name : {"modern.p12", "old.p12", "plain.p12", "no_mac.p12"}) {
    const auto contents = read_pkcs12(file(name));
    ASSERT_TRUE(contents.ok()) << name << ": " << contents.error().message();
    ASSERT_EQ(contents->keys.size(), 1U) << name;
    EXPECT_EQ(contents->keys[0].expose(), der("leaf.key")) << name;
    EXPECT_THAT(contents->certificates,
                ElementsAre(der("leaf.pem"), der("root.pem"), der("issuer.pem")))
        << name;
  }
}

TEST(Pkcs12, AnRsaKeyIsGivenAsPkcs8) {
  const auto contents = read_pkcs12(file("rsa.p12"));
  ASSERT_TRUE(contents.ok()) << contents.error().message();
  ASSERT_EQ(contents->keys.size(), 1U);
  EXPECT_EQ(contents->keys[0].expose(), der("rsa.key"));
}

// Go writes the public half into an EC key whether it was in the file or not; the mounted file must
// not depend on who made the PFX.
TEST(Pkcs12, AnEcKeyIsGivenWithItsPublicHalf) {
  const auto contents = read_pkcs12(file("short_key.p12"));
  ASSERT_TRUE(contents.ok()) << contents.error().message();
  ASSERT_EQ(contents->keys.size(), 1U);
  EXPECT_EQ(contents->keys[0].expose(), der("leaf.key"));
}

TEST(Pkcs12, AFileMayHoldNoKey) {
  const auto contents = read_pkcs12(file("keyless.p12"));
  ASSERT_TRUE(contents.ok()) << contents.error().message();
  EXPECT_THAT(contents->keys, IsEmpty());
  EXPECT_THAT(contents->certificates, ElementsAre(der("leaf.pem")));
}

TEST(Pkcs12, WhatCannotBeReadSaysWhy) {
  EXPECT_THAT(read_pkcs12(file("password.p12")).error().message(),
              HasSubstr("is damaged, or has a password"));
  EXPECT_THAT(read_pkcs12(file("leaf.pem")).error().message(), HasSubstr("is no PKCS#12 file"));
  EXPECT_FALSE(read_pkcs12(Secret()).ok());
  const Secret whole = file("modern.p12");
  for (std::size_t size = 1; size < whole.size(); size += 97) {
    EXPECT_FALSE(read_pkcs12(Secret(whole.expose().substr(0, size))).ok()) << size;
  }
  std::string flipped(whole.expose());
  flipped[flipped.size() / 2] ^= 1;
  EXPECT_THAT(read_pkcs12(Secret(flipped)).error().message(), HasSubstr("is damaged"));
}

// How many rounds are made is said by the file: whoever may write one could keep a node busy.
TEST(Pkcs12, AFileThatWantsTooManyRoundsIsRefusedAtOnce) {
  for (const char* name : {"slow_mac.p12", "slow_key.p12", "slow_old.p12"}) {
    EXPECT_THAT(read_pkcs12(file(name)).error().message(), HasSubstr("more than 1000000 rounds"))
        << name;
  }
}

// A part that says it wants so many rounds.
PKCS7* part_of_rounds(long rounds) {
  STACK_OF(PKCS12_SAFEBAG)* none = sk_PKCS12_SAFEBAG_new_null();
  PKCS7* part =
      PKCS12_pack_p7encdata(NID_pbe_WithSHA1And3_Key_TripleDES_CBC, "", 0, nullptr, 0, 1, none);
  sk_PKCS12_SAFEBAG_free(none);
  ASN1_TYPE*& parameter = part->d.encrypted->enc_data->algorithm->parameter;
  auto* function =
      static_cast<PBEPARAM*>(ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBEPARAM), parameter));
  ASN1_INTEGER_set(function->iter, rounds);
  ASN1_TYPE_pack_sequence(ASN1_ITEM_rptr(PBEPARAM), function, &parameter);
  PBEPARAM_free(function);
  return part;
}

// Parts that can each be borne, and together not.
TEST(Pkcs12, ThePartsOfAFileHaveOneBudget) {
  STACK_OF(PKCS7)* parts = sk_PKCS7_new_null();
  for (int i = 0; i < 4; ++i) sk_PKCS7_push(parts, part_of_rounds(1'000'000));
  PKCS12* made = PKCS12_init(NID_pkcs7_data);
  PKCS12_pack_authsafes(made, parts);
  unsigned char* bytes = nullptr;
  const int size = i2d_PKCS12(made, &bytes);
  const auto contents = read_pkcs12(
      Secret(std::string_view(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size))));
  OPENSSL_free(bytes);
  PKCS12_free(made);
  sk_PKCS7_pop_free(parts, PKCS7_free);
  ASSERT_FALSE(contents.ok());
  EXPECT_THAT(contents.error().message(), HasSubstr("more than 1000000 rounds"));
}

TEST(CertificateChain, TheLeafComesFirstAndTheRootLast) {
  const std::string leaf = der("leaf.pem");
  const std::string issuer = der("issuer.pem");
  const std::string root = der("root.pem");
  for (const auto& mixed : {std::vector{root, issuer, leaf}, std::vector{leaf, root, issuer},
                            std::vector{issuer, leaf, root}}) {
    const auto chain = chain_of(mixed);
    ASSERT_TRUE(chain.ok()) << chain.error().message();
    EXPECT_THAT(chain->certificates, ElementsAre(leaf, issuer, root));
    EXPECT_EQ(chain->links, ChainLinks::kWhole);
  }
}

TEST(CertificateChain, WithoutAnIssuerTheOrderStays) {
  const auto chain = chain_of({der("root.pem"), der("leaf.pem")});
  ASSERT_TRUE(chain.ok());
  EXPECT_THAT(chain->certificates, ElementsAre(der("root.pem"), der("leaf.pem")));
  EXPECT_EQ(chain->links, ChainLinks::kMissing);
  const auto alone = chain_of({der("rsa.pem")});
  EXPECT_EQ(alone->links, ChainLinks::kWhole);
}

TEST(CertificateChain, WhatIsNoChainIsRefused) {
  EXPECT_THAT(chain_of({}).error().message(), HasSubstr("holds no certificate"));
  EXPECT_THAT(chain_of({"x"}).error().message(), HasSubstr("a certificate that is none"));
  EXPECT_FALSE(chain_of({der("leaf.pem") + "x"}).ok());
  // The same root twice: each is the other's issuer.
  EXPECT_THAT(chain_of({der("root.pem"), der("root.pem")}).error().message(),
              HasSubstr("holds no leaf"));
}

}  // namespace
}  // namespace keyferry
