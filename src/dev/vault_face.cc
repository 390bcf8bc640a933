#include "dev/vault_face.h"

#include "base/encoding.h"
#include "base/strings.h"

namespace keyferry::dev {
namespace {

constexpr std::string_view kApi = "/v1/";
constexpr std::string_view kJson = "application/json";

ServerResponse response_of(const VaultReply& reply) {
  if (reply.body.is_null()) return ServerResponse{reply.status, {}, {}, AnswerEnd::kWhole};
  return ServerResponse::of(reply.status, kJson, cat(to_text(reply.body), "\n"));
}

std::optional<Operation> operation_of(const ServerRequest& request) {
  const bool wants_list = request.query_value("list") == "true";
  if (request.method == "GET" || request.method == "HEAD") {
    return wants_list ? Operation::kList : Operation::kRead;
  }
  if (request.method == "LIST") return Operation::kList;
  if (request.method == "PUT" || request.method == "POST") return Operation::kWrite;
  if (request.method == "DELETE") return Operation::kDelete;
  return std::nullopt;
}

std::string_view without_slashes(std::string_view text) {
  while (text.starts_with('/')) text.remove_prefix(1);
  while (text.ends_with('/')) text.remove_suffix(1);
  return text;
}

std::string_view token_of(const ServerRequest& request) {
  const std::string_view token = request.header("X-Vault-Token");
  if (!token.empty()) return token;
  const std::string_view bearer = request.header("Authorization");
  return bearer.starts_with("Bearer ") ? bearer.substr(7) : std::string_view();
}

bool member_is(const Json& seed, std::string_view name, bool otherwise) {
  const Json* member = seed.find(name);
  return member != nullptr && member->as_bool() != nullptr ? *member->as_bool() : otherwise;
}

}  // namespace

Result<std::unique_ptr<VaultFace>> VaultFace::from_seed(Clock& clock, const Json& seed,
                                                        std::string root_token, SqlRunner run_sql) {
  std::unique_ptr<VaultFace> face(new VaultFace(clock, std::move(root_token), std::move(run_sql)));
  face->initialised_ = member_is(seed, "initialized", true);
  face->sealed_ = member_is(seed, "sealed", !face->initialised_);
  face->unseal_key_ = seed.text_of("unseal_key");
  const WallTime now = clock.wall_now();
  VaultCore& root = face->namespaces_.try_emplace("", face->root_token_).first->second;
  KF_TRY(root.seed(seed, now));
  if (const Json* children = seed.find("namespaces");
      children != nullptr && children->as_object() != nullptr) {
    for (const auto& [name, child] : *children->as_object()) {
      VaultCore& core = face->namespaces_.try_emplace(name, face->root_token_).first->second;
      KF_TRY(core.seed(child, now).with_context(cat("namespace '", name, "'")));
    }
  }
  return face;
}

ServerResponse VaultFace::answer(const ServerRequest& request) {
  VaultReply reply;
  {
    const std::lock_guard lock(mutex_);
    reply = reply_to(request);
  }
  return response_of(after_duties(std::move(reply)));
}

ServerResponse VaultFace::refuse(int status, const std::string& message) const {
  return response_of(error_reply(status, {message}));
}

VaultReply VaultFace::reply_to(const ServerRequest& request) {
  if (!request.path.starts_with(kApi)) return not_found();
  Json body;
  if (!request.body.empty()) {
    auto parsed = parse_json(request.body.expose());
    if (!parsed.ok()) return error_reply(400, {"failed to parse JSON input"});
    body = std::move(*parsed);
  }
  if (auto reply = reply_unauthenticated(request, body)) return std::move(*reply);
  if (sealed_) return error_reply(503, {"Vault is sealed"});
  const auto operation = operation_of(request);
  if (!operation) return error_reply(405, {"unsupported operation"});
  const std::string path(without_slashes(std::string_view(request.path).substr(kApi.size())));
  const std::string space(without_slashes(request.header("X-Vault-Namespace")));
  const auto core = namespaces_.find(space);
  if (core == namespaces_.end()) return error_reply(404, {"namespace not found"});
  if (core->second.is_root(token_of(request)) && *operation == Operation::kWrite) {
    if (path == "sys/seal") {
      sealed_ = true;
      return no_content();
    }
    if (path.starts_with("sys/namespaces/")) return make_namespace(path.substr(15));
  }
  VaultReply reply =
      core->second.handle({*operation, path, request.query, std::string(token_of(request)),
                           std::move(body), clock_.wall_now()});
  reply.duties.space = space;
  return reply;
}

std::optional<VaultReply> VaultFace::reply_unauthenticated(const ServerRequest& request,
                                                           const Json& body) {
  const bool writes = request.method == "PUT" || request.method == "POST";
  if (request.path == "/v1/sys/health") {
    return VaultReply{!initialised_ ? 501 : sealed_ ? 503 : 200, health()};
  }
  if (request.path == "/v1/sys/seal-status") return VaultReply{200, seal_status()};
  if (request.path == "/v1/sys/init") {
    if (writes) return initialise();
    return VaultReply{200, Json(Json::Object{{"initialized", Json(initialised_)}})};
  }
  if (request.path == "/v1/sys/unseal" && writes) return unseal(body);
  return std::nullopt;
}

VaultReply VaultFace::initialise() {
  if (initialised_) return error_reply(400, {"Vault is already initialized"});
  initialised_ = true;
  if (unseal_key_.empty()) unseal_key_ = random_id();
  return {200,
          Json(Json::Object{{"keys", Json(Json::Array{Json(unseal_key_)})},
                            {"keys_base64", Json(Json::Array{Json(base64_encode(unseal_key_))})},
                            {"root_token", Json(root_token_)}})};
}

VaultReply VaultFace::unseal(const Json& body) {
  const std::string_view key = body.text_of("key");
  if (!initialised_) return error_reply(400, {"server is not yet initialized"});
  if (key.empty())
    return error_reply(400,
                       {"'key' must be specified in request body as JSON, or 'reset' set to true"});
  if (!unseal_key_.empty() && key != unseal_key_) {
    return error_reply(
        400, {"failed to decrypt keys from storage: cipher: message authentication failed"});
  }
  sealed_ = false;
  return {200, seal_status()};
}

VaultReply VaultFace::make_namespace(const std::string& name) {
  namespaces_.try_emplace(name, root_token_);
  return data_reply(Json::Object{{"path", Json(cat(name, "/"))}, {"id", Json(random_id())}});
}

Json VaultFace::health() const {
  const auto now = clock_.wall_now().time_since_epoch();
  return Json::Object{
      {"initialized", Json(initialised_)},
      {"sealed", Json(sealed_)},
      {"standby", Json(false)},
      {"version", Json("keyferry-dev " KEYFERRY_VERSION)},
      {"server_time_utc", Json(std::chrono::duration_cast<std::chrono::seconds>(now).count())}};
}

Json VaultFace::seal_status() const {
  return Json::Object{{"type", Json("shamir")},
                      {"initialized", Json(initialised_)},
                      {"sealed", Json(sealed_)},
                      {"t", Json(1)},
                      {"n", Json(1)},
                      {"progress", Json(0)},
                      {"nonce", Json("")},
                      {"migration", Json(false)},
                      {"recovery_seal", Json(false)},
                      {"storage_type", Json("inmem")},
                      {"version", Json("keyferry-dev " KEYFERRY_VERSION)}};
}

}  // namespace keyferry::dev
