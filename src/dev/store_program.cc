#include "dev/store_program.h"

#include <charconv>
#include <cstdio>

#include "base/strings.h"
#include "dev/aws/aws_face.h"
#include "dev/azure/azure_face.h"
#include "dev/jwt.h"
#include "dev/postgres.h"
#include "dev/vault_face.h"
#include "dev/vault_reply.h"
#include "net/http_server.h"
#include "net/jwt_signature.h"
#include "os/dir.h"

namespace keyferry::dev {
namespace {

constexpr std::size_t kSeedLimit = std::size_t{16} << 20;
constexpr std::size_t kKeyLimit = std::size_t{64} << 10;
constexpr std::size_t kLargestRequest = std::size_t{32} << 20;
constexpr std::string_view kOpenRootToken = "dev-only";

Error usage(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

// Folder and name of a path, for Dir.
std::pair<std::string, std::string> split_path(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {path.substr(0, slash == 0 ? 1 : slash), path.substr(slash + 1)};
}

Status write_private_file(const std::string& path, std::string_view bytes) {
  const auto [folder, name] = split_path(path);
  KF_ASSIGN(const auto dir, open_dir(folder));
  return dir->write_new_file(name, bytes, 0600);
}

Result<std::string> root_token_of(const StoreOptions& options) {
  if (!options.root_token.empty() && options.root_token != kOpenRootToken) {
    return usage(cat("--root-token takes only '", kOpenRootToken,
                     "': a real token does not belong on a command line, use --root-token-file"));
  }
  if (!options.root_token.empty()) return options.root_token;
  if (options.root_token_file.empty()) return cat("s.", random_id());
  auto present = read_file(options.root_token_file, kKeyLimit);
  if (present.ok()) return std::string(trim(present->expose()));
  if (present.error().code() != ErrorCode::kNotFound) return std::move(present).error();
  std::string token = cat("s.", random_id());
  KF_TRY(write_private_file(options.root_token_file, token));
  return token;
}

// PEM of the public half, whichever half the file holds.
Result<std::string> public_key_in(const std::string& file) {
  KF_ASSIGN(const Secret pem, read_file(file, kKeyLimit));
  if (pem.expose().find("PUBLIC KEY") != std::string_view::npos) return std::string(pem.expose());
  return public_key_of(pem).with_context(cat("key file '", file, "'"));
}

// Gives every login method of the seed that has no keys this one.
void add_login_key(Json& seed, const std::string& public_key) {
  Json::Object* members = seed.as_object();
  const auto methods = members == nullptr ? Json::Object::iterator() : members->find("auth");
  if (members == nullptr || methods == members->end() || methods->second.as_object() == nullptr)
    return;
  for (auto& [name, method] : *methods->second.as_object()) {
    const bool has_keys =
        method.find("pem_keys") != nullptr || method.find("jwt_validation_pubkeys") != nullptr;
    if (!has_keys) method.set("pem_keys", Json::Array{Json(public_key)});
  }
}

Result<Json> seed_of(const StoreOptions& options) {
  Json seed = Json::Object{};
  if (options.seed_file.empty()) return seed;
  KF_ASSIGN(const Secret text, read_file(options.seed_file, kSeedLimit));
  KF_ASSIGN(seed,
            parse_json(text.expose()).with_context(cat("seed file '", options.seed_file, "'")));
  return seed;
}

// Public PEM; empty when no key is given.
Result<std::string> login_key_of(const StoreOptions& options) {
  if (options.jwt_key_file.empty()) return std::string();
  return public_key_in(options.jwt_key_file);
}

Result<std::unique_ptr<Face>> aws_face(const StoreOptions& options, Clock& clock) {
  KF_ASSIGN(const Json seed, seed_of(options));
  AwsFaceOptions aws;
  KF_ASSIGN(aws.root_secret, root_token_of(options));
  KF_ASSIGN(aws.login_key, login_key_of(options));
  KF_ASSIGN(auto face, AwsFace::from_seed(clock, seed, aws));
  return Result<std::unique_ptr<Face>>(std::move(face));
}

Result<std::unique_ptr<Face>> vault_face(const StoreOptions& options, Clock& clock) {
  KF_ASSIGN(Json seed, seed_of(options));
  KF_ASSIGN(const std::string login_key, login_key_of(options));
  if (!login_key.empty()) add_login_key(seed, login_key);
  KF_ASSIGN(const std::string root_token, root_token_of(options));
  KF_ASSIGN(auto face, VaultFace::from_seed(clock, seed, root_token, sql_runner(clock)));
  return Result<std::unique_ptr<Face>>(std::move(face));
}

Result<std::unique_ptr<Face>> azure_face(const StoreOptions& options, Clock& clock) {
  KF_ASSIGN(const Json seed, seed_of(options));
  AzureOptions azure;
  KF_ASSIGN(azure.root_token, root_token_of(options));
  if (options.tls_certificate_file.empty()) azure.scheme = "http";
  KF_ASSIGN(azure.usual_issuer_key, login_key_of(options));
  KF_ASSIGN(auto face, AzureFace::from_seed(clock, seed, std::move(azure)));
  return Result<std::unique_ptr<Face>>(std::move(face));
}

Result<std::unique_ptr<Face>> face_of(const StoreOptions& options, Clock& clock) {
  switch (options.face) {
    case FaceName::kAws:
      return aws_face(options, clock);
    case FaceName::kVault:
      break;
    case FaceName::kAzure:
      return azure_face(options, clock);
  }
  return vault_face(options, clock);
}

}  // namespace

Status run_store(const StoreOptions& options, Clock& clock, std::stop_token stop) {
  KF_ASSIGN(const ListenAddress address, parse_listen_address(options.listen));
  KF_ASSIGN(auto api, face_of(options, clock));
  FaultyFace face(clock, std::move(api));
  face.start();

  ListenOptions listen;
  listen.address = address.address;
  listen.port = address.port;
  listen.serving = Serving::kThreadPerConnection;
  listen.tls_certificate_file = options.tls_certificate_file;
  listen.tls_key_file = options.tls_key_file;
  listen.max_body_bytes = kLargestRequest;
  KF_ASSIGN(const auto server, HttpServer::start(listen, [&](const ServerRequest& request) {
              return face.answer(request);
            }));
  std::printf("listening on %s\n", server->url().c_str());
  if (options.root_token == kOpenRootToken) std::printf("root token: %s\n", kOpenRootToken.data());
  std::fflush(stdout);
  clock.wait_until(SteadyTime::max(), std::move(stop));
  return {};
}

Status run_make_key(const std::string& file) {
  KF_ASSIGN(const Secret key, make_p256_key());
  return write_private_file(file, key.expose());
}

Status run_make_token(const TokenOptions& options, Clock& clock) {
  const Json ttl(options.ttl);
  const std::int64_t seconds = seconds_of(&ttl, 0);
  if (seconds == 0)
    return usage(cat("--ttl '", options.ttl, "': write for example 1h, 10m or -60"));
  KF_ASSIGN(const Secret key, read_file(options.key_file, kKeyLimit));
  ServiceAccountClaims claims;
  claims.kubernetes_namespace = options.kubernetes_namespace;
  claims.service_account = options.service_account;
  claims.audiences = {options.audience};
  claims.ttl_seconds = seconds;
  if (!options.issuer.empty()) claims.issuer = options.issuer;
  KF_ASSIGN(const std::string token, make_service_account_token(claims, key, clock.wall_now())
                                         .with_context(cat("key file '", options.key_file, "'")));
  std::printf("%s\n", token.c_str());
  return {};
}

}  // namespace keyferry::dev
