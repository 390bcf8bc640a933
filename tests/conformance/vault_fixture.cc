#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/strings.h"
#include "identity/file_token_source.h"
#include "os/system_clock.h"
#include "store_fixture.h"

namespace keyferry::conformance {

namespace {

class VaultFixture final : public StoreFixture {
 public:
  VaultFixture(Http& http, const std::string& provider) : http_(http), provider_(provider) {}

  void put(const std::string& secret, const std::map<std::string, std::string>& fields) override {
    std::string members;
    for (const auto& [name, value] : fields) {
      members +=
          cat(members.empty() ? "" : ",", '"', json_escape(name), "\":\"", json_escape(value), '"');
    }
    write(cat("secret/data/conformance/", secret), cat("{\"data\":{", members, "}}"), 200);
  }

  void revoke() override {
    write("sys/policies/acl/conformance", R"({"policy":"path \"none\" {}"})", 204);
  }
  void admit() override {
    write("sys/policies/acl/conformance",
          R"({"policy":"path \"secret/data/conformance/*\" { capabilities = [\"read\"] }"})", 204);
  }

  manifest::SecretProviderClass class_of(const std::vector<WantedObject>& objects) override {
    manifest::SecretProviderClass spc;
    spc.meta.kind = "SecretProviderClass";
    spc.meta.namespace_name = "web";
    spc.meta.name = "shop";
    spc.provider = provider_;
    spc.parameters[address_] = {url_, 1};
    spc.parameters["roleName"] = {"conformance", 2};
    std::string list;
    for (const WantedObject& object : objects) {
      list += cat("- objectName: \"", object.file, "\"\n  secretPath: secret/data/conformance/",
                  object.secret, "\n  secretKey: \"", object.field, "\"\n");
      if (!object.mode.empty()) list += cat("  filePermission: ", object.mode, '\n');
    }
    spc.parameters["objects"] = {list, 3};
    return spc;
  }

  manifest::SecretProviderClass unreachable(manifest::SecretProviderClass spc) override {
    spc.parameters[address_] = {"http://127.0.0.1:1", 1};
    return spc;
  }

  TokenSource& pod() override { return pod_; }
  TokenSource& stranger() override { return stranger_; }

 private:
  void write(const std::string& path, const std::string& body, int status) {
    Request request;
    request.method = "POST";
    request.url = cat(url_, "/v1/", path);
    request.secret_headers.push_back({"X-Vault-Token", Secret(root_token_)});
    request.body = Secret(body);
    const auto response = http_.send(request, Deadline::in(clock_, std::chrono::seconds(20)));
    ASSERT_TRUE(response.ok()) << response.error().message();
    ASSERT_EQ(response->status, status) << response->body.expose();
  }

  Http& http_;
  const std::string provider_;
  const std::string address_ = provider_ == "openbao" ? "baoAddress" : "vaultAddress";
  SystemClock clock_;
  const std::string url_ = needed("KEYFERRY_VAULT_URL");
  const std::string root_token_ = needed("KEYFERRY_VAULT_ROOT_TOKEN");
  FileTokenSource pod_{{{provider_, needed("KEYFERRY_VAULT_TOKEN_FILE")}}};
  FileTokenSource stranger_{{{provider_, needed("KEYFERRY_VAULT_STRANGER_TOKEN_FILE")}}};
};

}  // namespace

std::unique_ptr<StoreFixture> vault_fixture(Http& http, const std::string& provider) {
  return std::make_unique<VaultFixture>(http, provider);
}

}  // namespace keyferry::conformance
