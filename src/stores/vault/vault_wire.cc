#include "stores/vault/vault_wire.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/strings.h"
#include "stores/vault/vault_json.h"

namespace keyferry::stores::vault {

namespace {

void append_encoded(std::string& url, std::string_view text, std::string_view kept) {
  for (const char c : text) {
    if (kept.find(c) != std::string_view::npos) {
      url += c;
    } else {
      url += percent_encode({&c, 1});
    }
  }
}

// A path as the Vault API's own client sends one: everything that may not stand in a path encoded,
// "%" too; what follows the first "?" is a query, which only has to be one line of ASCII.
std::string encoded_path(std::string_view path) {
  const auto query = path.find('?');
  std::string url;
  append_encoded(url, path.substr(0, query), "/:@!$&'()*+,;=");
  if (query != path.npos) append_encoded(url, path.substr(query), "/:@!$&'()*+,;=?%");
  return url;
}

Request request_to(const VaultConfig& config, std::string method, std::string_view path) {
  Request request;
  request.method = std::move(method);
  request.url = config.address + encoded_path(path);
  request.tls = config.tls;
  request.headers.push_back({"X-Vault-Request", "true"});
  if (!config.namespace_name.empty()) {
    request.headers.push_back({"X-Vault-Namespace", config.namespace_name});
  }
  return request;
}

void set_json_body(Request& request, Secret body) {
  request.headers.push_back({"Content-Type", "application/json"});
  request.body = std::move(body);
}

void add_texts(const Json::Array& items, std::vector<std::string>& texts) {
  for (const Json& item : items) {
    if (const std::string* text = item.as_string()) {
      std::string line;  // the server's lists are laid out over several lines
      for (const std::string_view piece : split(*text, '\n')) {
        if (trim(piece).empty()) continue;
        line += cat(line.empty() ? "" : " ", trim(piece));
      }
      texts.push_back(std::move(line));
    }
  }
}

std::vector<std::string> names_of(const Json::Object& object) {
  std::vector<std::string> names;
  for (const auto& member : object) names.push_back(member.first);
  return names;
}

// What the keys of a secret are in: data.data where the engine keeps versions, else data.
const Json::Object* fields_of(const Json& secret) {
  const Json* data = secret.find("data");
  if (data == nullptr) return nullptr;
  const Json* inner = data->find("data");
  return inner != nullptr && inner->as_object() != nullptr ? inner->as_object() : data->as_object();
}

// A life in whole seconds. One that no clock can be moved by is cut to ten years, and then asked
// for anew; a negative one is none.
std::chrono::seconds life_of(std::int64_t seconds) {
  constexpr std::int64_t kTenYears = 315'360'000;
  return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, kTenYears));
}

bool has(const Json& json, std::string_view name) {
  const Json* value = json.find(name);
  return value != nullptr && !value->is_null();
}

Lease lease_of(const Json& secret) {
  return {std::string(secret.text_of("lease_id")), life_of(number_of(secret, "lease_duration")),
          flag_of(secret, "renewable")};
}

// Of a certificate that was made for this answer; what is read (GET) was there before.
std::optional<Lease> certificate_for(const ObjectSpec& object, const Json& secret, WallTime now) {
  const Json* data = secret.find("data");
  if (data == nullptr || object.method == "GET" || !data->find("certificate")) return std::nullopt;
  const std::int64_t end = number_of(*data, "expiration");
  if (end == 0) return std::nullopt;
  const auto now_seconds =
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  return Lease{"", life_of(std::max<std::int64_t>(end - now_seconds, 1)), false};
}

Request token_request(const VaultConfig& config, const Secret& token, std::string method,
                      std::string_view path) {
  Request request = request_to(config, std::move(method), path);
  request.secret_headers.push_back({"X-Vault-Token", token.copy()});
  return request;
}

Request lease_request(const VaultConfig& config, const Secret& token, std::string_view path,
                      const std::string& lease) {
  Request request = token_request(config, token, "PUT", path);
  std::string body = to_text(Json(Json::Object{{"lease_id", lease}}));
  set_json_body(request, Secret::take(body));
  return request;
}

Result<Secret> decoded(Secret text, const ObjectSpec& object) {
  const auto explained = [&](Result<Secret> bytes, std::string_view encoding) {
    return std::move(bytes)
        .with_context(cat("key '", object.key, "' of ", object.policy_path()))
        .with_remedy(cat("store it as ", encoding, ", or correct the object's `encoding`"));
  };
  switch (object.encoding) {
    case Encoding::kUtf8:
      return text;
    case Encoding::kBase64:
      return explained(base64_decode(text.expose()), "base64");
    case Encoding::kHex:
      return explained(hex_decode(text.expose()), "hex");
  }
  return text;
}

// In the order of the Vault API's own Go client, which existing files have.
Secret whole_answer(const Json& secret, const Json& request_id) {
  Secret text;
  const auto add = [&](std::string_view name, const Json& value) {
    text.append(text.empty() ? "{" : ",");
    text.append(cat('"', name, "\":"));
    std::string json = to_text(value, JsonEscapes::kHtmlSafe);
    text.append(json);
    wipe(json.data(), json.size());
  };
  const auto member = [&](std::string_view name, const Json& absent) {
    const Json* value = secret.find(name);
    return value == nullptr ? absent : *value;
  };
  add("request_id", request_id);
  add("lease_id", member("lease_id", ""));
  add("lease_duration", member("lease_duration", 0));
  add("renewable", member("renewable", false));
  add("data", member("data", Json()));
  add("warnings", member("warnings", Json()));
  for (const std::string_view name : {"auth", "wrap_info"}) {
    if (const Json value = member(name, Json()); !value.is_null()) add(name, value);
  }
  text.append("}");
  return text;
}

}  // namespace

Request login_request(const VaultConfig& config, const Secret& jwt) {
  Request request = request_to(config, "POST", cat("/v1/auth/", config.auth_mount, "/login"));
  Secret body;
  body.append("{\"jwt\":\"");
  body.append(jwt.expose());  // base64url and dots: nothing to escape
  body.append(cat("\",\"role\":\"", json_escape(config.role), "\"}"));
  set_json_body(request, std::move(body));
  return request;
}

Request read_request(const VaultConfig& config, const Secret& token, const ObjectSpec& object) {
  Request request = token_request(config, token, object.method, object.path);
  if (object.args) {
    std::string body = to_text(*object.args);
    set_json_body(request, Secret::take(body));
  }
  return request;
}

Request mount_request(const VaultConfig& config, const Secret& token, const ObjectSpec& object) {
  return token_request(config, token, "GET",
                       cat("/v1/sys/internal/ui/mounts/", object.policy_path()));
}

Request renew_self_request(const VaultConfig& config, const Secret& token) {
  return token_request(config, token, "POST", "/v1/auth/token/renew-self");
}

Request lookup_self_request(const VaultConfig& config, const Secret& token) {
  return token_request(config, token, "GET", "/v1/auth/token/lookup-self");
}

Request revoke_self_request(const VaultConfig& config, const Secret& token) {
  return token_request(config, token, "POST", "/v1/auth/token/revoke-self");
}

Request lookup_lease_request(const VaultConfig& config, const Secret& token,
                             const std::string& lease) {
  return lease_request(config, token, "/v1/sys/leases/lookup", lease);
}

Request renew_lease_request(const VaultConfig& config, const Secret& token,
                            const std::string& lease) {
  return lease_request(config, token, "/v1/sys/leases/renew", lease);
}

Request revoke_lease_request(const VaultConfig& config, const Secret& token,
                             const std::string& lease) {
  return lease_request(config, token, "/v1/sys/leases/revoke", lease);
}

std::string request_key(const ObjectSpec& object) {
  return cat(object.method, ' ', object.path, '\n', object.args ? to_text(*object.args) : "");
}

Result<Login> read_login(const Response& response) {
  const auto body = parse_json(response.body.expose());
  if (!body.ok()) {
    return Error(ErrorCode::kUnavailable,
                 cat("the answer is not JSON (", body.error().message(),
                     "); is that the address of a Vault or OpenBao server?"));
  }
  const Json* auth = body->find("auth");
  const std::string_view token = auth == nullptr ? "" : auth->text_of("client_token");
  if (token.empty()) {
    return Error(ErrorCode::kInternal,
                 "the answer holds no token; is that the mount path of a login method?");
  }
  return Login{Secret(token), life_of(number_of(*auth, "lease_duration")),
               flag_of(*auth, "renewable")};
}

Result<Json> read_secret(const Response& response, const ObjectSpec& object) {
  if (response.body.empty()) {
    return Error(ErrorCode::kNotFound, cat(object.policy_path(), " gave an empty answer (HTTP ",
                                           response.status, "); read a path that holds a secret"));
  }
  auto secret = parse_json(response.body.expose());
  if (!secret.ok()) {
    return Error(
        ErrorCode::kUnavailable,
        cat("the answer for ", object.policy_path(), " is not JSON (", secret.error().message(),
            "); is that the address of a Vault or OpenBao server?"));
  }
  const bool is_whole = object.key.empty() && (has(*secret, "auth") || has(*secret, "wrap_info"));
  if (!is_whole && !has(*secret, "data")) {
    const std::string words = complaints_of(response);
    return Error(ErrorCode::kNotFound,
                 cat(object.policy_path(), " holds no data", words.empty() ? "" : ": ", words,
                     "; correct secretPath to a path that holds a secret"));
  }
  return secret;
}

Result<Lease> read_lease(const Response& response) {
  KF_ASSIGN(const Json body, parse_json(response.body.expose()));
  return lease_of(body);
}

std::optional<Lease> made_for(const ObjectSpec& object, const Json& secret, WallTime now) {
  if (object.policy_path() == "sys/wrapping/unwrap") return Lease{};
  Lease lease = lease_of(secret);
  if (!lease.id.empty()) return lease;
  if (has(secret, "auth")) {
    return Lease{"", life_of(number_of(*secret.find("auth"), "lease_duration")), false};
  }
  if (has(secret, "wrap_info")) {
    return Lease{"", life_of(number_of(*secret.find("wrap_info"), "ttl")), false};
  }
  return certificate_for(object, secret, now);
}

std::optional<std::chrono::seconds> rotates_in(const Json& secret) {
  const Json* data = secret.find("data");
  if (data == nullptr || !has(*data, "last_vault_rotation")) return std::nullopt;
  const Json* ttl = data->find("ttl");
  if (ttl == nullptr || !ttl->as_int()) return std::nullopt;
  return life_of(*ttl->as_int());
}

Result<Secret> contents_of(const ObjectSpec& object, const Json& secret) {
  if (object.key.empty()) {
    const Json* id = secret.find("request_id");
    return whole_answer(secret, id == nullptr ? Json("") : *id);
  }
  const Json::Object* fields = fields_of(secret);
  const auto found = fields == nullptr ? Json::Object::const_iterator() : fields->find(object.key);
  if (fields == nullptr || found == fields->end()) {
    const auto names = fields == nullptr ? std::vector<std::string>() : names_of(*fields);
    return Error(
        ErrorCode::kNotFound,
        cat("key '", object.key, "' is not at ", object.policy_path(),
            names.empty()
                ? std::string(" (no keys there); store it, or correct secretPath")
                : cat(" (keys there: ", join(names, ", "), "); set secretKey to one of them")));
  }
  if (const std::string* text = found->second.as_string()) {
    return decoded(Secret(*text), object);
  }
  std::string json = to_text(found->second, JsonEscapes::kHtmlSafe);
  return decoded(Secret::take(json), object);
}

Result<Json> value_to_expand(const ObjectSpec& object, const Json& secret) {
  if (object.key.empty()) {
    const Json::Object* fields = fields_of(secret);
    return fields == nullptr ? Json() : Json(*fields);
  }
  KF_ASSIGN(const Secret text, contents_of(object, secret));
  auto value = parse_json(text.expose());
  if (!value.ok()) return not_an_object(object.name, "no JSON");
  return value;
}

Secret stable_contents_of(const ObjectSpec& object, const Json& secret, const Secret& contents) {
  return object.key.empty() ? whole_answer(secret, Json("")) : contents.copy();
}

std::string complaints_of(const Response& response) {
  const auto body = parse_json(response.body.expose());
  if (!body.ok()) return "";
  std::vector<std::string> texts;
  add_texts(list_of(*body, "errors"), texts);
  add_texts(list_of(*body, "warnings"), texts);
  return join(texts, "; ");
}

}  // namespace keyferry::stores::vault
