#include "stores/vault/vault_environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stores/vault/vault_config.h"

namespace keyferry::stores::vault {
namespace {

using ::testing::ElementsAre;

class VaultEnvironment : public testing::Test {
 protected:
  void SetUp() override {
    spc.provider = "vault";
    spc.parameters["roleName"] = {"shop", 1};
    spc.parameters["objects"] = {"- {objectName: a, secretPath: secret/data/a}", 2};
  }
  std::optional<FilledClass> filled() {
    return filled_by(
        [this](std::string_view name) {
          const auto found = variables.find(name);
          return found == variables.end() ? std::string() : found->second;
        },
        spc);
  }
  VaultConfig config() { return parse_config(filled()->spc).config; }

  manifest::SecretProviderClass spc;
  std::map<std::string, std::string, std::less<>> variables;
};

TEST_F(VaultEnvironment, WhatTheClassDoesNotNameComesFromIt) {
  variables = {{"VAULT_ADDR", "https://env:8200"},
               {"VAULT_NAMESPACE", "team"},
               {"VAULT_CACERT", "/ca.crt"},
               {"VAULT_CAPATH", "/ca"},
               {"VAULT_TLS_SERVER_NAME", "vault.local"},
               {"VAULT_CLIENT_CERT", "/c.crt"},
               {"VAULT_CLIENT_KEY", "/c.key"},
               {"VAULT_SKIP_VERIFY", "true"}};
  const VaultConfig read = config();
  EXPECT_EQ(read.address, "https://env:8200");
  EXPECT_EQ(read.namespace_name, "team");
  EXPECT_EQ(read.tls,
            (TlsOptions{TlsVerify::kNone, "/ca.crt", "/ca", "vault.local", "/c.crt", "/c.key"}));
}

TEST_F(VaultEnvironment, WhatTheClassNamesComesFirst) {
  spc.parameters["vaultAddress"] = {"https://class:8200", 3};
  spc.parameters["vaultNamespace"] = {" ", 4};
  variables = {{"VAULT_ADDR", "https://env:8200"}, {"VAULT_NAMESPACE", "team"}};
  EXPECT_EQ(config().address, "https://class:8200");
  EXPECT_EQ(config().namespace_name, "team");
  EXPECT_THAT(filled()->variables, ElementsAre("VAULT_NAMESPACE"));
}

TEST_F(VaultEnvironment, AnOpenBaoClassReadsItsOwnVariablesFirst) {
  spc.provider = "openbao";
  variables = {{"BAO_ADDR", "https://bao:8200"},
               {"VAULT_ADDR", "https://vault:8200"},
               {"VAULT_NAMESPACE", "team"}};
  EXPECT_EQ(config().address, "https://bao:8200");
  EXPECT_EQ(config().namespace_name, "team");
  spc.provider = "vault";
  EXPECT_EQ(config().address, "https://vault:8200");
}

TEST_F(VaultEnvironment, WithoutVariablesTheClassStaysAsItIs) {
  EXPECT_FALSE(filled());
  EXPECT_FALSE(filled_by({}, spc));
}

}  // namespace
}  // namespace keyferry::stores::vault
