#include "dev/azure/vault_grants.h"

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "dev/vault_reply.h"

namespace keyferry::dev {
namespace {

constexpr VaultKind kKinds[] = {VaultKind::kSecret, VaultKind::kKey, VaultKind::kCertificate};

// What the built-in roles allow on secrets, keys and certificates: the reading ones and those that
// a test needs to write with.
struct Role {
  std::string_view name, secrets, keys, certificates;
};
constexpr Role kRoles[] = {{"Key Vault Administrator", "all", "all", "all"},
                           {"Key Vault Secrets User", "get,list", "", ""},
                           {"Key Vault Secrets Officer", "all", "", ""},
                           {"Key Vault Crypto User", "", "get,list", ""},
                           {"Key Vault Crypto Officer", "", "all", ""},
                           {"Key Vault Certificate User", "get,list", "get,list", "get,list"},
                           {"Key Vault Certificates Officer", "", "", "all"},
                           {"Key Vault Reader", "list", "get,list", "get,list"}};

// The data actions of roles that are not simply KIND/ACTION/action.
struct DataAction {
  VaultKind kind;
  std::string_view action, name;
};
constexpr DataAction kDataActions[] = {{VaultKind::kSecret, "get", "secrets/getSecret/action"},
                                       {VaultKind::kSecret, "list", "secrets/readMetadata/action"},
                                       {VaultKind::kSecret, "set", "secrets/setSecret/action"},
                                       {VaultKind::kKey, "get", "keys/read"},
                                       {VaultKind::kKey, "list", "keys/read"},
                                       {VaultKind::kCertificate, "get", "certificates/read"},
                                       {VaultKind::kCertificate, "list", "certificates/read"}};

Error wrong(std::string_view member, std::string_view expected) {
  return {ErrorCode::kInvalidArgument, cat("seed: vaults: ", member, ": expected ", expected)};
}

std::string data_action_of(VaultKind kind, std::string_view action) {
  for (const DataAction& row : kDataActions) {
    if (row.kind == kind && row.action == action) return std::string(row.name);
  }
  return cat(plural_of(kind), "/", action, "/action");
}

std::vector<std::string> words_of(std::string_view list) {
  std::vector<std::string> words;
  for (const std::string_view word : split(list, ',')) {
    if (!word.empty()) words.emplace_back(word);
  }
  return words;
}

}  // namespace

std::string_view plural_of(VaultKind kind) {
  switch (kind) {
    case VaultKind::kSecret:
      return "secrets";
    case VaultKind::kKey:
      return "keys";
    case VaultKind::kCertificate:
      return "certificates";
  }
  return "";
}

std::string_view singular_of(VaultKind kind) {
  const std::string_view plural = plural_of(kind);
  return plural.substr(0, plural.size() - 1);
}

Status VaultGrants::seed(const Json& vault) {
  const Json* policies = vault.find("access_policies");
  const Json* roles = vault.find("role_assignments");
  if (policies == nullptr && roles == nullptr) return {};
  if (policies != nullptr && roles != nullptr)
    return wrong("access_policies", "either them or role_assignments, a vault has one of the two");
  const Json* given = policies != nullptr ? policies : roles;
  if (given->as_array() == nullptr)
    return wrong(policies != nullptr ? "access_policies" : "role_assignments", "an array");
  grants_.clear();
  by_role_ = roles != nullptr;
  return by_role_ ? seed_roles(*given->as_array()) : seed_policies(*given->as_array());
}

Status VaultGrants::seed_policies(const Json::Array& policies) {
  for (const Json& policy : policies) {
    const std::string app(policy.text_of("app"));
    if (app.empty()) return wrong("access_policies", "'app', a client id, in each");
    for (const VaultKind kind : kKinds) {
      grants_.push_back({app, kind, texts_of(policy.find(plural_of(kind))), ""});
    }
  }
  return {};
}

Status VaultGrants::seed_roles(const Json::Array& assignments) {
  for (const Json& assignment : assignments) {
    const std::string app(assignment.text_of("app"));
    const std::string_view name = assignment.text_of("role");
    const std::string scope(assignment.text_of("scope"));
    const auto* const role = std::find_if(std::begin(kRoles), std::end(kRoles),
                                          [&](const Role& each) { return each.name == name; });
    if (app.empty()) return wrong("role_assignments", "'app', a client id, in each");
    if (role == std::end(kRoles)) {
      return wrong(cat("role_assignments: role '", name, "'"),
                   "a built-in role, for example 'Key Vault Secrets User'");
    }
    const std::array<std::string_view, 3> actions = {role->secrets, role->keys, role->certificates};
    for (const VaultKind kind : kKinds) {
      const std::string folder = cat(plural_of(kind), "/");
      if (!scope.empty() && !scope.starts_with(folder)) continue;
      grants_.push_back({app, kind, words_of(actions.at(static_cast<std::size_t>(kind))),
                         scope.empty() ? "" : scope.substr(folder.size())});
    }
  }
  return {};
}

bool VaultGrants::allows(const AzureCaller& caller, VaultKind kind, std::string_view action,
                         std::string_view object) const {
  if (caller.administrator) return true;
  return std::any_of(grants_.begin(), grants_.end(), [&](const Grant& grant) {
    const bool names_caller = grant.app == caller.client_id || grant.app == caller.object_id;
    const bool fits = grant.object.empty() || to_lower(grant.object) == to_lower(object);
    return names_caller && fits && grant.kind == kind &&
           std::any_of(grant.actions.begin(), grant.actions.end(), [&](const std::string& word) {
             return word == "all" || to_lower(word) == action;
           });
  });
}

AzureReply VaultGrants::refusal(const AzureCaller& caller, VaultKind kind, std::string_view action,
                                std::string_view object, std::string_view vault) const {
  const std::string who =
      cat("appid=", caller.client_id, ";oid=", caller.object_id, ";iss=", caller.issuer);
  if (!by_role_) {
    return key_vault_error(403, "Forbidden",
                           cat("The user, group or application '", who, "' does not have ",
                               plural_of(kind), " ", action, " permission on key vault '", vault,
                               ";location=westeurope'. For help resolving this issue, please see "
                               "https://go.microsoft.com/fwlink/?linkid=2125287"),
                           "AccessDenied");
  }
  std::string resource =
      cat("/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/keyferry-dev/"
          "providers/microsoft.keyvault/vaults/",
          vault);
  if (!object.empty()) resource += cat("/", plural_of(kind), "/", object);
  return key_vault_error(
      403, "Forbidden",
      cat("Caller is not authorized to perform action on resource.\r\nIf role assignments, deny "
          "assignments or role definitions were changed recently, please observe propagation "
          "time.\r\nCaller: ",
          who, "\r\nAction: 'Microsoft.KeyVault/vaults/", data_action_of(kind, action),
          "'\r\nResource: '", resource,
          "'\r\nAssignment: (not found)\r\nDenyAssignmentId: null\r\nDecisionReason: null "
          "\r\nVault: ",
          vault, ";location=westeurope\r\n"),
      "ForbiddenByRbac");
}

}  // namespace keyferry::dev
