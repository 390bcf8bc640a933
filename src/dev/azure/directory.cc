#include "dev/azure/directory.h"

#include <algorithm>

#include "base/strings.h"
#include "dev/azure/azure_reply.h"
#include "dev/vault_reply.h"

namespace keyferry::dev {
namespace {

constexpr std::string_view kUsualAudience = "api://AzureADTokenExchange";
constexpr std::string_view kResources[] = {"https://vault.azure.net",
                                           "https://vault.azure.cn",
                                           "https://vault.usgovcloudapi.net",
                                           "https://managedhsm.azure.net",
                                           "https://storage.azure.com",
                                           "https://database.windows.net",
                                           "https://management.azure.com",
                                           "https://management.core.windows.net",
                                           "https://graph.microsoft.com",
                                           "https://ossrdbms-aad.database.windows.net",
                                           "https://ossrdbms-aad.database.chinacloudapi.cn",
                                           "https://ossrdbms-aad.database.usgovcloudapi.net"};

Error wrong(std::string_view member, std::string_view expected) {
  return {ErrorCode::kInvalidArgument, cat("seed: ", member, ": expected ", expected)};
}

bool is_true(const Json& object, std::string_view name) {
  const Json* member = object.find(name);
  return member != nullptr && member->as_bool() != nullptr && *member->as_bool();
}

FederatedCredential federated_of(const Json& json) {
  FederatedCredential credential{std::string(json.text_of("issuer")),
                                 std::string(json.text_of("subject")),
                                 texts_of(json.find("audiences"))};
  if (credential.audiences.empty()) credential.audiences.emplace_back(kUsualAudience);
  return credential;
}

Result<AzureApp> app_of(const std::string& tenant, const std::string& client_id, const Json& json) {
  const std::string where = cat("tenants.", tenant, ".apps.", client_id);
  if (json.as_object() == nullptr) return wrong(where, "an object");
  AzureApp app;
  app.tenant = tenant;
  app.client_id = client_id;
  app.object_id = json.text_of("object_id");
  if (app.object_id.empty()) app.object_id = random_guid();
  app.name = json.text_of("name");
  if (app.name.empty()) app.name = client_id;
  app.secrets = texts_of(json.find("secrets"));
  app.expired_secrets = texts_of(json.find("expired_secrets"));
  app.resource_id = json.text_of("resource_id");
  app.system_assigned = is_true(json, "system_assigned");
  app.managed = is_true(json, "managed_identity") || app.system_assigned;
  const Json* credentials = json.find("federated_credentials");
  if (credentials == nullptr) return app;
  if (credentials->as_array() == nullptr)
    return wrong(cat(where, ".federated_credentials"), "an array");
  for (const Json& credential : *credentials->as_array()) {
    app.federated.push_back(federated_of(credential));
    if (app.federated.back().issuer.empty() || app.federated.back().subject.empty())
      return wrong(cat(where, ".federated_credentials"), "issuer and subject in each");
  }
  return app;
}

}  // namespace

Status Directory::seed(const Json& seed) {
  if (const Json* tenants = seed.find("tenants")) {
    if (tenants->as_object() == nullptr) return wrong("tenants", "an object");
    for (const auto& [tenant, members] : *tenants->as_object())
      KF_TRY(seed_tenant(tenant, members));
  }
  if (const Json* issuers = seed.find("issuers")) {
    if (issuers->as_object() == nullptr) return wrong("issuers", "an object");
    for (const auto& [issuer, json] : *issuers->as_object()) {
      const Json* keys = json.find("pem_keys");
      if (keys == nullptr || keys->as_array() == nullptr)
        return wrong(cat("issuers.", issuer), "pem_keys, an array");
      issuers_.insert_or_assign(issuer, texts_of(keys));
    }
  }
  for (std::string& resource : texts_of(seed.find("resources")))
    resources_.push_back(std::move(resource));
  return {};
}

Status Directory::seed_tenant(const std::string& tenant, const Json& members) {
  auto& apps = tenants_[to_lower(tenant)];
  const Json* given = members.find("apps");
  if (given == nullptr) return {};
  if (given->as_object() == nullptr) return wrong(cat("tenants.", tenant, ".apps"), "an object");
  for (const auto& [client_id, json] : *given->as_object()) {
    KF_ASSIGN(AzureApp app, app_of(to_lower(tenant), to_lower(client_id), json));
    apps.insert_or_assign(app.client_id, std::move(app));
  }
  return {};
}

bool Directory::has_tenant(std::string_view tenant) const {
  return tenants_.contains(to_lower(tenant));
}

std::string Directory::first_tenant() const {
  return tenants_.empty() ? std::string() : tenants_.begin()->first;
}

const AzureApp* Directory::find(std::string_view tenant, std::string_view client_id) const {
  const auto apps = tenants_.find(to_lower(tenant));
  if (apps == tenants_.end()) return nullptr;
  const auto app = apps->second.find(to_lower(client_id));
  return app == apps->second.end() ? nullptr : &app->second;
}

std::vector<const AzureApp*> Directory::managed_identities() const {
  std::vector<const AzureApp*> found;
  for (const auto& [tenant, apps] : tenants_) {
    for (const auto& [client_id, app] : apps) {
      if (app.managed) found.push_back(&app);
    }
  }
  return found;
}

std::vector<std::string> Directory::keys_of(std::string_view issuer) const {
  const auto found = issuers_.find(issuer);
  if (found != issuers_.end()) return found->second;
  return usual_key_.empty() ? std::vector<std::string>() : std::vector<std::string>{usual_key_};
}

bool Directory::has_resource(std::string_view resource) const {
  if (resource.ends_with('/')) resource.remove_suffix(1);
  return std::find(std::begin(kResources), std::end(kResources), resource) !=
             std::end(kResources) ||
         std::find(resources_.begin(), resources_.end(), resource) != resources_.end();
}

}  // namespace keyferry::dev
