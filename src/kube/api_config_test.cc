#include "kube/api_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "base/encoding.h"
#include "base/strings.h"

namespace keyferry::kube {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class InClusterConfig : public testing::Test {
 protected:
  InClusterConfig() {
    std::string path = "/dev/shm/keyferry-account-XXXXXX";
    folder_ = mkdtemp(path.data());
    write("token", "t");
    write("ca.crt", "-----BEGIN");
    write("namespace", "kube-system\n");
  }
  ~InClusterConfig() override { std::filesystem::remove_all(folder_); }
  void write(const std::string& name, const std::string& text) {
    std::ofstream(cat(folder_, '/', name)) << text;
  }
  Result<ApiConfig> config() {
    return in_cluster_config(
        [this](std::string_view name) { return variables_[std::string(name)]; }, folder_);
  }

  std::string folder_;
  std::map<std::string, std::string> variables_ = {{"KUBERNETES_SERVICE_HOST", "10.96.0.1"},
                                                   {"KUBERNETES_SERVICE_PORT", "443"}};
};

TEST_F(InClusterConfig, VariablesAndMountedFilesMakeIt) {
  const auto made = config();
  ASSERT_TRUE(made.ok()) << made.error().message();
  EXPECT_EQ(made->server, "https://10.96.0.1:443");
  EXPECT_EQ(made->tls.ca_file, folder_ + "/ca.crt");
  EXPECT_EQ(made->token_file, folder_ + "/token");
  EXPECT_EQ(made->namespace_name, "kube-system");
  variables_["KUBERNETES_SERVICE_HOST"] = "fd00::1";
  EXPECT_EQ(config()->server, "https://[fd00::1]:443");
}

TEST_F(InClusterConfig, WhatIsMissingIsNamed) {
  std::filesystem::remove(folder_ + "/namespace");
  EXPECT_EQ(config()->namespace_name, "");
  write("token", "\n");
  EXPECT_THAT(config().error().message(), HasSubstr("/token' is empty"));
  std::filesystem::remove(folder_ + "/ca.crt");
  write("token", "t");
  EXPECT_EQ(config().error().code(), ErrorCode::kFailedPrecondition);
  EXPECT_THAT(config().error().message(), HasSubstr("/ca.crt"));
  variables_.erase("KUBERNETES_SERVICE_PORT");
  EXPECT_THAT(config().error().message(), HasSubstr("KUBERNETES_SERVICE_PORT is not set"));
  EXPECT_THAT(config().error().message(), HasSubstr("kubeconfig"));
}

constexpr const char* kFile = "/etc/kf/config";
const std::string kPem =
    base64_encode("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");

// A kubeconfig whose one cluster and user have these fields.
std::string kubeconfig(const std::string& cluster, const std::string& user) {
  return cat("apiVersion: v1\nkind: Config\ncurrent-context: one\n",
             "contexts:\n- name: one\n  context: {cluster: c, user: u, namespace: shop}\n",
             "- name: bare\n  context: {cluster: c}\n", "clusters:\n- name: c\n  cluster: {",
             cluster, "}\nusers:\n- name: u\n  user: {", user, "}\n");
}

ApiConfig good(const std::string& cluster, const std::string& user) {
  auto config = parse_kubeconfig(kubeconfig(cluster, user), kFile, "");
  EXPECT_TRUE(config.ok()) << config.error().message();
  return config.ok() ? std::move(config).value() : ApiConfig();
}
std::string refusal(const std::string& cluster, const std::string& user) {
  const auto config = parse_kubeconfig(kubeconfig(cluster, user), kFile, "");
  if (config.ok()) return "taken";
  EXPECT_EQ(config.error().code(), ErrorCode::kInvalidArgument);
  return config.error().message();
}

TEST(Kubeconfig, FilesAreRelativeToItsOwnFolder) {
  const ApiConfig config =
      good("server: https://api:6443/k8s/, certificate-authority: pki/ca.crt, tls-server-name: k",
           "client-certificate: /abs/me.crt, client-key: me.key");
  EXPECT_EQ(config.server, "https://api:6443/k8s");
  EXPECT_EQ(config.tls.ca_file, "/etc/kf/pki/ca.crt");
  EXPECT_EQ(config.tls.server_name, "k");
  EXPECT_EQ(config.tls.client_certificate_file, "/abs/me.crt");
  EXPECT_EQ(config.tls.client_key_file, "/etc/kf/me.key");
  EXPECT_EQ(config.tls.verify, TlsVerify::kFull);
  EXPECT_EQ(config.namespace_name, "shop");
  EXPECT_EQ(config.source, "kubeconfig '/etc/kf/config'");
}

TEST(Kubeconfig, DataGoesBeforeFiles) {
  const ApiConfig config = good(
      cat("server: 'https://api', certificate-authority: x, certificate-authority-data: ", kPem),
      cat("client-certificate-data: ", kPem, ", client-key-data: ", kPem, ", client-key: x"));
  EXPECT_THAT(config.tls.ca_text, HasSubstr("BEGIN CERTIFICATE"));
  EXPECT_EQ(config.tls.ca_file, "");
  EXPECT_THAT(config.tls.client_certificate_text, HasSubstr("BEGIN CERTIFICATE"));
  EXPECT_FALSE(config.tls.client_key_text.empty());
  EXPECT_EQ(config.tls.client_key_file, "");
}

TEST(Kubeconfig, ATokenIsAFilesBeforeItIsItsOwn) {
  EXPECT_EQ(good("server: 'https://api'", "token: t").token->expose(), "t");
  const ApiConfig file = good("server: 'https://api'", "token: t, tokenFile: token");
  EXPECT_EQ(file.token_file, "/etc/kf/token");
  EXPECT_EQ(file.token, nullptr);
}

TEST(Kubeconfig, TheContextCanBeChosen) {
  const std::string text = kubeconfig("server: 'https://api'", "token: t");
  const auto bare = parse_kubeconfig(text, kFile, "bare");
  ASSERT_TRUE(bare.ok()) << bare.error().message();
  EXPECT_EQ(bare->token, nullptr);
  const auto absent = parse_kubeconfig(text, kFile, "two");
  EXPECT_EQ(absent.error().message(),
            "kubeconfig '/etc/kf/config': contexts: there is no 'two'; there are: 'one', 'bare'");
  EXPECT_THAT(parse_kubeconfig("{}", kFile, "").error().message(),
              HasSubstr("current-context is missing"));
  EXPECT_THAT(parse_kubeconfig("a: [", kFile, "").error().message(), HasSubstr("/etc/kf/config"));
  EXPECT_FALSE(parse_kubeconfig("", kFile, "").ok());
}

TEST(Kubeconfig, NothingIsVerifiedOnlyWhereItSaysSo) {
  EXPECT_EQ(good("server: 'https://api', insecure-skip-tls-verify: true", "").tls.verify,
            TlsVerify::kNone);
  EXPECT_EQ(good("server: 'https://api', insecure-skip-tls-verify: false", "").tls.verify,
            TlsVerify::kFull);
  EXPECT_THAT(refusal("server: 'https://api', insecure-skip-tls-verify: true, "
                      "certificate-authority: ca.crt",
                      ""),
              HasSubstr("stands beside a certificate authority"));
  EXPECT_THAT(refusal("server: 'https://api', insecure-skip-tls-verify: maybe", ""),
              HasSubstr("insecure-skip-tls-verify: is not true or false"));
}

TEST(Kubeconfig, WhatIsNotDoneIsRefusedWithTheRemedy) {
  const std::string api = "server: 'https://api'";
  EXPECT_EQ(
      refusal(api, "exec: {command: aws}"),
      "kubeconfig '/etc/kf/config': users[u].exec: is not supported; give a kubeconfig with a "
      "token, tokenFile or client certificate (kubectl create token makes one)");
  for (const char* user : {"auth-provider: {name: gcp}", "username: me, password: pw-one",
                           "as: admin", "as-groups: [a]", "token: t, as-uid: u"}) {
    EXPECT_THAT(refusal(api, user), HasSubstr("is not supported")) << user;
    EXPECT_THAT(refusal(api, user), Not(HasSubstr("pw-one")));
  }
  EXPECT_THAT(refusal("server: 'https://api', proxy-url: 'http://p'", ""),
              HasSubstr("set HTTPS_PROXY"));
}

TEST(Kubeconfig, WhatIsWrongIsNamedWithItsField) {
  EXPECT_THAT(refusal("server: 'api:6443'", ""), HasSubstr("clusters[c].server"));
  EXPECT_THAT(refusal("certificate-authority: a", ""), HasSubstr("clusters[c].server"));
  const std::string broken =
      refusal("server: 'https://api', certificate-authority-data: 'pw-one'", "");
  EXPECT_THAT(broken, HasSubstr("clusters[c].certificate-authority-data: is not PEM in base64"));
  EXPECT_THAT(broken, Not(HasSubstr("pw-one")));
  EXPECT_THAT(refusal("server: 'https://api'", "client-certificate: a"),
              HasSubstr("users[u].client-certificate: stands alone"));
  EXPECT_THAT(refusal("server: 'https://api'", cat("client-key-data: ", kPem)),
              HasSubstr("users[u].client-key: stands alone"));
}

TEST(Kubeconfig, AFileThatIsNotThereIsNamed) {
  const auto none = read_kubeconfig("/nowhere/config");
  EXPECT_EQ(none.error().code(), ErrorCode::kNotFound);
  EXPECT_THAT(none.error().message(), HasSubstr("/nowhere/config"));
}

}  // namespace
}  // namespace keyferry::kube
