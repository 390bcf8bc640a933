#include "net/certificate_parts.h"

#include <gtest/gtest.h>

namespace keyferry {
namespace {

CertificateParts some_parts() {
  auto parts =
      make_self_signed({"shop.example", KeyKind::kP256, 1'700'000'000, 1'800'000'000}).value();
  parts.chain_der.push_back(
      make_self_signed({"root.example", KeyKind::kP384, 1'700'000'000, 1'800'000'000})
          .value()
          .leaf_der);
  return parts;
}

void expect_same(const CertificateParts& a, const CertificateParts& b) {
  EXPECT_TRUE(a.private_key_pem == b.private_key_pem);
  EXPECT_EQ(a.leaf_der, b.leaf_der);
  EXPECT_EQ(a.chain_der, b.chain_der);
  EXPECT_EQ(a.subject, b.subject);
  EXPECT_EQ(a.sha1, b.sha1);
}

TEST(CertificateParts, WhatItSaysOfItself) {
  const CertificateParts parts = some_parts();
  EXPECT_EQ(parts.subject, "CN=shop.example");
  EXPECT_EQ(parts.not_before, 1'700'000'000);
  EXPECT_EQ(parts.not_after, 1'800'000'000);
  EXPECT_EQ(parts.sha1.size(), 20U);
}

TEST(CertificateParts, PfxAndPemGiveBackWhatWentIn) {
  const CertificateParts parts = some_parts();
  expect_same(read_pfx(write_pfx(parts).value(), Secret("")).value(), parts);
  expect_same(read_pem_parts(write_pem(parts)).value(), parts);
}

TEST(CertificateParts, TheLeafIsTheOneOfTheKeyWhereverItStands) {
  const CertificateParts parts = some_parts();
  CertificateParts turned = some_parts();
  turned.private_key_pem = parts.private_key_pem.copy();
  turned.leaf_der = parts.chain_der.at(0);
  turned.chain_der = {parts.leaf_der};
  expect_same(read_pem_parts(write_pem(turned)).value(), parts);
}

TEST(CertificateParts, WhatCannotBeReadIsRefused) {
  const CertificateParts parts = some_parts();
  EXPECT_FALSE(read_pfx(Secret("garbage"), Secret("")).ok());
  EXPECT_FALSE(read_pfx(write_pfx(parts).value(), Secret("wrong")).ok());
  EXPECT_FALSE(read_pem_parts(parts.private_key_pem).ok());
  EXPECT_FALSE(read_pem_parts(Secret("garbage")).ok());
}

}  // namespace
}  // namespace keyferry
