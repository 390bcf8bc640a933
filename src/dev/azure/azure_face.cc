#include "dev/azure/azure_face.h"

#include "base/strings.h"
#include "dev/azure/entra.h"
#include "dev/azure/imds.h"

namespace keyferry::dev {
namespace {

constexpr std::string_view kTokenPath = "/oauth2/v2.0/token";
constexpr std::string_view kUsualResource = "https://vault.azure.net";

// The clouds by their vaults' domain: where their logins are.
struct Cloud {
  std::string_view vault_suffix, login_host;
};
constexpr Cloud kClouds[] = {{"vault.azure.net", "login.microsoftonline.com"},
                             {"vault.azure.cn", "login.chinacloudapi.cn"},
                             {"vault.usgovcloudapi.net", "login.microsoftonline.us"}};

std::vector<std::string> segments_of(std::string_view path) {
  std::vector<std::string> segments;
  for (const std::string_view segment : split(path, '/')) {
    if (!segment.empty()) segments.emplace_back(segment);
  }
  return segments;
}

bool is_vault_path(std::string_view path) {
  constexpr std::string_view kDeleted = "/deleted";
  path.remove_prefix(path.starts_with(kDeleted) ? kDeleted.size() : 1);
  const std::string_view first = path.substr(0, path.find('/'));
  return first == "secrets" || first == "keys" || first == "certificates";
}

// The API that tokens for this vault must be for: the domain of its cloud. An address with a port
// is part of it, for clients compare it with the address they asked.
std::string resource_of(const AzureHost& host) {
  if (!host.has_label()) return std::string(kUsualResource);
  return cat("https://", host.suffix(), host.port);
}

std::string login_of(const AzureHost& host, std::string_view tenant) {
  for (const Cloud& cloud : kClouds) {
    if (host.suffix() == cloud.vault_suffix) return cat("https://", cloud.login_host, "/", tenant);
  }
  return cat(host.scheme, "://", host.suffix(), host.port, "/", tenant);
}

AzureReply challenge(const AzureHost& host, std::string_view tenant, std::string_view message) {
  AzureReply reply = key_vault_error(401, "Unauthorized", std::string(message));
  reply.headers.push_back(
      {"WWW-Authenticate", cat("Bearer authorization=\"", login_of(host, tenant), "\", resource=\"",
                               resource_of(host), "\"")});
  return reply;
}

}  // namespace

Result<std::unique_ptr<AzureFace>> AzureFace::from_seed(Clock& clock, const Json& seed,
                                                        AzureOptions options) {
  KF_ASSIGN(AccessTokens tokens, AccessTokens::with_fresh_key());
  std::unique_ptr<AzureFace> face(new AzureFace(clock, std::move(options), std::move(tokens)));
  face->directory_.set_usual_key(face->options_.usual_issuer_key);
  KF_TRY(face->seed(seed));
  return face;
}

Status AzureFace::seed(const Json& seed) {
  KF_TRY(directory_.seed(seed));
  const Json* vaults = seed.find("vaults");
  if (vaults == nullptr) return {};
  if (vaults->as_object() == nullptr)
    return Error(ErrorCode::kInvalidArgument, "seed: vaults: expected an object");
  for (const auto& [name, members] : *vaults->as_object()) {
    KeyVault& vault = vaults_.try_emplace(to_lower(name), to_lower(name), directory_.first_tenant())
                          .first->second;
    KF_TRY(vault.seed(members, clock_.wall_now()));
    if (usual_vault_.empty()) usual_vault_ = to_lower(name);
  }
  return {};
}

ServerResponse AzureFace::answer(const ServerRequest& request) {
  const std::lock_guard lock(mutex_);
  return response_of(reply_to(request));
}

ServerResponse AzureFace::refuse(int status, const std::string& message) const {
  return response_of(key_vault_error(status, key_vault_code_of(status), message));
}

ServerResponse AzureFace::answer_dev(const ServerRequest& request) {
  if (request.path != "/dev/seed" || request.method != "POST") return refuse(404, "no such path");
  const auto json = parse_json(request.body.expose());
  const std::lock_guard lock(mutex_);
  const Status seeded = json.ok() ? seed(*json) : Status(json.error());
  if (!seeded.ok()) return refuse(400, seeded.error().message());
  return {204, {}, {}, AnswerEnd::kWhole};
}

AzureReply AzureFace::reply_to(const ServerRequest& request) {
  const AzureHost host = host_of(request, options_.scheme);
  if (is_vault_path(request.path)) return reply_of_vault(request, host);
  if (request.path.starts_with("/metadata/"))
    return answer_imds(request, directory_, tokens_, clock_.wall_now());
  if (request.path.ends_with(kTokenPath) && request.method == "POST") {
    const std::size_t end = request.path.size() - kTokenPath.size();
    TokenRequest token;
    token.tenant = request.path.substr(request.path.rfind('/', end - 1) + 1);
    token.tenant.resize(token.tenant.find('/'));
    token.form = form_members(request.body.expose());
    token.correlation_id = request.header("client-request-id");
    if (!host.port.empty()) token.own_host = cat(host.suffix(), host.port);
    return answer_token(token, directory_, tokens_, clock_.wall_now());
  }
  if (auto reply = answer_metadata(request.path, host, directory_, tokens_, clock_.wall_now()))
    return std::move(*reply);
  return key_vault_error(404, "NotFound", "no such path");
}

KeyVault& AzureFace::vault_at(const AzureHost& host) {
  const std::string label = host.label();
  if (usual_vault_.empty()) usual_vault_ = "vault";
  const std::string name = label.empty() ? usual_vault_ : label;
  return vaults_.try_emplace(name, name, directory_.first_tenant()).first->second;
}

AzureReply AzureFace::reply_of_vault(const ServerRequest& request, const AzureHost& host) {
  KeyVault& vault = vault_at(host);
  const std::string_view header = request.header("Authorization");
  if (!header.starts_with("Bearer ")) {
    return challenge(host, vault.tenant(), "AKV10000: Request is missing a Bearer or PoP token.");
  }
  KeyVaultCall call;
  call.now = clock_.wall_now();
  const std::string_view token = header.substr(7);
  if (!options_.root_token.empty() && token == options_.root_token) {
    call.caller.administrator = true;
  } else {
    auto caller = tokens_.verify(token, vault.tenant(),
                                 {resource_of(host), std::string(kUsualResource)}, call.now);
    if (!caller.ok()) return challenge(host, vault.tenant(), caller.error().message);
    call.caller = std::move(*caller);
  }
  auto body = parse_json(request.body.empty() ? "null" : request.body.expose());
  if (!body.ok()) return key_vault_error(400, "BadParameter", "The request body is not JSON.");
  call.method = request.method;
  call.path = segments_of(request.path);
  call.query = request.query;
  call.body = std::move(*body);
  call.base = host.origin();
  return vault.handle(call);
}

}  // namespace keyferry::dev
