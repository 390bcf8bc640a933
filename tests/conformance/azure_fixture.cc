#include <gtest/gtest.h>

#include "base/strings.h"
#include "formats/json.h"
#include "identity/file_token_source.h"
#include "os/system_clock.h"
#include "store_fixture.h"

namespace keyferry::conformance {

namespace {

// Each field of a secret is a secret of its own: "conformance-SECRET-FIELD".
class AzureFixture final : public StoreFixture {
 public:
  explicit AzureFixture(Http& http) : http_(http) {}

  void put(const std::string& secret, const std::map<std::string, std::string>& fields) override {
    for (const auto& [field, value] : fields) {
      EXPECT_EQ(ask("PUT", cat("/secrets/", name_of(secret, field), "?api-version=7.4"),
                    Json().set("value", value)),
                200);
    }
  }

  manifest::SecretProviderClass class_of(const std::vector<WantedObject>& objects) override {
    manifest::SecretProviderClass spc;
    spc.meta.kind = "SecretProviderClass";
    spc.meta.namespace_name = "web";
    spc.meta.name = "shop";
    spc.provider = "azure";
    int line = 0;
    for (const auto& [name, value] : std::map<std::string, std::string>{
             {"keyvaultName", needed("KEYFERRY_AZURE_VAULT")},
             {"tenantID", needed("KEYFERRY_AZURE_TENANT")},
             {"clientID", client_},
             {"cloudName", "AzureStackCloud"},
             {"cloudEnvFileName", needed("KEYFERRY_AZURE_CLOUD_FILE")},
             {"endpointUrl", url_},
             {"caCertPath", ca_file_}}) {
      spc.parameters[name] = {value, ++line};
    }
    std::string list = "array:\n";
    for (const WantedObject& object : objects) {
      list += cat("  - |\n    objectName: ", name_of(object.secret, object.field),
                  "\n    objectType: secret\n    objectAlias: \"", object.file, "\"\n");
      if (!object.mode.empty()) list += cat("    filePermission: \"", object.mode, "\"\n");
    }
    spc.parameters["objects"] = {list, ++line};
    return spc;
  }

  manifest::SecretProviderClass unreachable(manifest::SecretProviderClass spc) override {
    spc.parameters["endpointUrl"] = {"https://127.0.0.1:1", 5};
    return spc;
  }

  void revoke() override { assign(Json::Array{}); }
  void admit() override {
    assign(Json::Array{Json().set("app", client_).set("role", "Key Vault Secrets User")});
  }

  TokenSource& pod() override { return pod_; }
  TokenSource& stranger() override { return stranger_; }
  bool keeps_fields_together() const override { return false; }
  std::size_t largest_value() const override { return 25'600; }

 private:
  // Key Vault's names have letters, digits and '-' only.
  static std::string name_of(const std::string& secret, const std::string& field) {
    std::string name = cat("conformance-", secret, '-', field);
    for (char& c : name) {
      if (c == '_' || c == '.' || c == '/') c = '-';
    }
    return name;
  }

  void assign(Json::Array roles) {
    const Json vault = Json().set("role_assignments", std::move(roles));
    const Json vaults = Json().set(needed("KEYFERRY_AZURE_VAULT"), vault);
    EXPECT_EQ(ask("POST", "/dev/seed", Json().set("vaults", vaults)), 204);
  }

  int ask(const char* method, const std::string& path, const Json& body) {
    Request request;
    request.method = method;
    request.url = cat(url_, path);
    request.headers = {{"Content-Type", "application/json"}};
    request.secret_headers.push_back({"Authorization", Secret(cat("Bearer ", root_token_))});
    request.body = Secret(to_text(body));
    request.tls.ca_file = ca_file_;
    const auto response = http_.send(request, Deadline::in(clock_, std::chrono::seconds(20)));
    EXPECT_TRUE(response.ok());
    return response.ok() ? response->status : 0;
  }

  Http& http_;
  SystemClock clock_;
  const std::string url_ = needed("KEYFERRY_AZURE_URL");
  const std::string ca_file_ = needed("KEYFERRY_AZURE_CA_FILE");
  const std::string client_ = needed("KEYFERRY_AZURE_CLIENT");
  const std::string root_token_ = needed("KEYFERRY_AZURE_ROOT_TOKEN");
  FileTokenSource pod_{{{"api://AzureADTokenExchange", needed("KEYFERRY_AZURE_TOKEN_FILE")}}};
  FileTokenSource stranger_{
      {{"api://AzureADTokenExchange", needed("KEYFERRY_AZURE_STRANGER_TOKEN_FILE")}}};
};

}  // namespace

std::unique_ptr<StoreFixture> azure_fixture(Http& http, const std::string&) {
  return std::make_unique<AzureFixture>(http);
}

}  // namespace keyferry::conformance
