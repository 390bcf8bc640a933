#include "stores/azure/azure_store.h"

#include <algorithm>

#include "base/log.h"
#include "base/strings.h"
#include "identity/machine_identity.h"
#include "os/dir.h"
#include "stores/azure/azure_files.h"

namespace keyferry::stores::azure {

namespace {

constexpr const char* kTokenProxy = "https://kubernetes.default.svc.cluster.local";
constexpr const char* kClusterAuthority = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt";

// A key of nodePublishSecretRef, in any case; null where it is not there.
const Secret* find_secret(const PublishSecrets* secrets, std::string_view name) {
  if (secrets == nullptr) return nullptr;
  const auto found = std::find_if(secrets->begin(), secrets->end(), [&](const auto& entry) {
    return to_lower(entry.first) == name && !entry.second.empty();
  });
  return found == secrets->end() ? nullptr : &found->second;
}

// Whitespace around what somebody pasted is no part of it.
std::string id_in(const Secret* secret) {
  return secret == nullptr ? "" : std::string(trim(secret->expose()));
}

Status check_principal(const PublishSecrets* secrets) {
  constexpr std::string_view kOther =
      "; or name a workload identity in clientID, or set useVMManagedIdentity";
  if (secrets == nullptr) {
    return Error(ErrorCode::kFailedPrecondition,
                 cat("no identity is named: without clientID a service principal is meant, and "
                     "there is no nodePublishSecretRef; name a secret with clientid and "
                     "clientsecret there",
                     kOther));
  }
  std::vector<std::string> missing;
  for (const char* name : {"clientid", "clientsecret"}) {
    if (find_secret(secrets, name) == nullptr) missing.emplace_back(name);
  }
  if (missing.empty()) return {};
  return Error(ErrorCode::kFailedPrecondition,
               cat("the secret of nodePublishSecretRef lacks ", join(missing, " and "),
                   "; put them in", kOther));
}

// What proves an identity is sent to nobody whom others can listen to.
Status check_safe(const std::string& address, std::string_view variable) {
  if (is_safe_address(address)) return {};
  return Error(ErrorCode::kFailedPrecondition,
               cat(variable, " '", address, "' is no https address; correct or unset it"));
}

void leave_unchanged(const std::vector<std::string>& ids, FetchResult& result) {
  result.unchanged.insert(result.unchanged.end(), ids.begin(), ids.end());
}

void fail(const ObjectSpec& object, const std::string& id, const Error& error,
          FetchResult& result) {
  if (object.extras.optional && error.code() == ErrorCode::kNotFound) {
    result.absent.push_back(id);
  } else {
    result.objects.push_back({id, error});
  }
}

}  // namespace

struct AzureStore::Visit {
  const AzureConfig& config;
  const std::map<std::string, std::string>& held;
  VaultReader& vault;
  FetchResult result;

  void add(const ObjectSpec& object) {
    if (object.has_history()) {
      add_history(object);
    } else {
      add_version(object, {}, object.version);
    }
  }

  // A version's value never changes: one that is held is not asked for.
  void add_version(const ObjectSpec& object, FilePlace place, const std::string& version) {
    const HeldExpansion files = held_files(object, place, config, held);
    if (!version.empty() && files.version == version) return leave_unchanged(files.ids, result);
    const auto bundle = vault.object({object.type, object.name, version});
    if (!bundle.ok()) return fail(object, path_of(object, place.index), bundle.error(), result);
    if (files.version == (*bundle)->version) return leave_unchanged(files.ids, result);
    for (FetchedObject& file : files_of(object, place, **bundle, config)) {
      result.objects.push_back(std::move(file));
    }
  }

  // What the vault does not list gives no files, as with the stock provider (csi.md 8.6).
  void add_history(const ObjectSpec& object) {
    const auto listed = vault.versions({object.type, object.name, ""});
    if (!listed.ok()) return fail(object, object.file, listed.error(), result);
    const auto chosen = newest_first(*listed, object.version, file_count(object, config));
    if (chosen.empty() && object.extras.optional) {
      result.absent.push_back(object.file);
    } else if (chosen.empty()) {
      log::warning(
          "a history without versions gives no files",
          {{"vault", config.vault}, {"object", object.name}, {"objectVersion", object.version}});
    }
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      add_version(object, {static_cast<int>(i)}, chosen[i]);
    }
  }
};

AzureStore::AzureStore(const StoreParts& parts)
    : clock_(parts.clock),
      environment_(parts.environment ? parts.environment
                                     : [](std::string_view) { return std::string(); }),
      tokens_(parts.http, clock_),
      parts_{parts.http, clock_, tokens_, challenges_} {}

Result<FetchResult> AzureStore::fetch(const FetchRequest& request) {
  const auto parsed = classes_.parsed(request.spc, parse_config);
  if (has_errors(parsed->problems)) {
    return Error(ErrorCode::kInvalidArgument, text_of_errors(parsed->problems));
  }
  const AzureConfig& config = parsed->config;
  KF_ASSIGN(const Cloud cloud, cloud_of_class(config));
  KF_ASSIGN(EntraIdentity identity, identity_of(request, config, cloud));
  VaultAddress address{"", cat(to_lower(config.vault), '.', cloud.dns_suffix), {}};
  address.base = config.endpoint_url.empty() ? cat("https://", address.name) : config.endpoint_url;
  address.tls.ca_file = config.ca_file;
  const EntraProof proof{request.tokens, find_secret(request.secrets.get(), "clientsecret")};
  VaultReader vault(parts_, std::move(address), std::move(identity), proof,
                    {request.deadline, request.stop, request.priority});
  if (!config.objects.empty()) {
    const ObjectSpec& first = config.objects.front();
    KF_TRY(vault.log_in({first.type, first.name, first.version}));
  }
  Visit visit{config, request.held_versions, vault, {}};
  for (const ObjectSpec& object : config.objects) visit.add(object);
  return std::move(visit.result);
}

// The file is read at each fetch, for this mount alone: the stock provider sets it for its whole
// process, and with it for other mounts (csi.md 12, Q24).
Result<Cloud> AzureStore::cloud_of_class(const AzureConfig& config) const {
  if (!is_stack_cloud(config.cloud)) {
    Cloud cloud = *cloud_of(config.cloud);
    if (!config.cloud.empty()) return cloud;
    cloud.authority = or_variable("", "AZURE_AUTHORITY_HOST", cloud.authority);
    KF_TRY(check_safe(cloud.authority, "AZURE_AUTHORITY_HOST"));
    return cloud;
  }
  const std::string file = or_variable(config.cloud_file, "AZURE_ENVIRONMENT_FILEPATH", "");
  if (file.empty()) {
    return Error(ErrorCode::kFailedPrecondition,
                 "cloudName AzureStackCloud needs a description of the cloud; name its file in "
                 "cloudEnvFileName");
  }
  constexpr std::size_t kLargest = std::size_t{1} << 20;
  const std::string context = cat("cloudEnvFileName '", file, "'");
  KF_ASSIGN(const Secret text, read_file(file, kLargest)
                                   .with_context(context)
                                   .with_remedy("put the description of the cloud there"));
  return parse_cloud(text.expose()).with_context(context);
}

Result<EntraIdentity> AzureStore::identity_of(const FetchRequest& request,
                                              const AzureConfig& config, const Cloud& cloud) const {
  EntraIdentity identity;
  identity.login = config.login;
  identity.tenant = config.tenant;
  identity.client_id = config.client_id;
  identity.authority = cloud.authority;
  identity.resource = cloud.resource;
  identity.tls.ca_file = config.ca_file;
  switch (config.login) {
    case EntraLogin::kTokenProxy:
      KF_TRY(use_token_proxy(config, identity));
      [[fallthrough]];
    case EntraLogin::kFederated:
      identity.namespace_name = request.pod.namespace_name;
      identity.service_account = request.pod.service_account;
      break;
    case EntraLogin::kSecret:
      KF_TRY(check_principal(request.secrets.get()));
      identity.client_id = id_in(find_secret(request.secrets.get(), "clientid"));
      break;
    case EntraLogin::kMachine:
      identity.metadata =
          or_variable("", "AZURE_POD_IDENTITY_AUTHORITY_HOST", machine_identity::kMetadataEndpoint);
      break;
    case EntraLogin::kNodeManagedPod:
      identity.metadata = machine_identity::kNodeEndpoint;
      identity.namespace_name = request.pod.namespace_name;
      identity.pod_name = request.pod.pod_name;
      if (!identity.pod_name.empty()) break;
      return Error(ErrorCode::kFailedPrecondition,
                   "usePodIdentity needs a pod, and there is none; use a workload identity "
                   "(clientID)");
  }
  return identity;
}

// The variables are those that the webhook of AKS identity bindings sets.
Status AzureStore::use_token_proxy(const AzureConfig& config, EntraIdentity& identity) const {
  identity.authority = or_variable(config.token_proxy, "AZURE_KUBERNETES_TOKEN_PROXY", kTokenProxy);
  identity.tls.server_name = or_variable(config.sni_name, "AZURE_KUBERNETES_SNI_NAME", "");
  identity.tls.ca_file = or_variable(config.ca_file, "AZURE_KUBERNETES_CA_FILE", kClusterAuthority);
  return check_safe(identity.authority, "AZURE_KUBERNETES_TOKEN_PROXY");
}

std::string AzureStore::or_variable(const std::string& text, std::string_view variable,
                                    std::string_view otherwise) const {
  if (!text.empty()) return text;
  std::string value = environment_(variable);
  while (value.ends_with('/')) value.pop_back();
  return value.empty() ? std::string(otherwise) : value;
}

StoreKind kind() {
  return {"azure",
          [](const StoreParts& parts) -> std::unique_ptr<Store> {
            return std::make_unique<AzureStore>(parts);
          },
          [](const manifest::SecretProviderClass& spc) {
            ParsedConfig parsed = parse_config(spc);
            ParameterCheck check{std::move(parsed.problems), {}};
            for (const ObjectSpec& object : parsed.config.objects) {
              const bool one_file = !object.has_history() && !object.extras.expand_keys;
              if (one_file) check.files.push_back({object.file, object.line});
              check.more_files = check.more_files || !one_file || parsed.config.separate_files;
            }
            return check;
          }};
}

}  // namespace keyferry::stores::azure
