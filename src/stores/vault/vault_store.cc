#include "stores/vault/vault_store.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/strings.h"
#include "net/url.h"

namespace keyferry::stores::vault {

namespace {

constexpr auto kLongestRequest = std::chrono::seconds(60);

// Everything a token depends on: where it is from and whose it is.
std::string login_key(const VaultConfig& config, const PodIdentity& pod) {
  std::string key;
  for (const std::string& part :
       {config.address, config.namespace_name, config.auth_mount, config.role, config.audience,
        config.tls.ca_file, config.tls.ca_directory, config.tls.server_name,
        config.tls.client_certificate_file, config.tls.client_key_file,
        std::string(config.tls.verify == TlsVerify::kFull ? "verified" : "not verified"),
        pod.namespace_name, pod.service_account, pod.pod_name, pod.pod_uid}) {
    key += cat(part.size(), ':', part);
  }
  return key;
}

bool is_redirect(const Response& response) {
  return response.status == 301 || response.status == 302 || response.status == 307;
}

// Statuses that may be better at the next try; the rest is judged by the caller.
std::optional<Error> complaint_about(const Response& response, WallTime now) {
  const bool worth_a_retry = response.status == 412 || response.status == 429 ||
                             (response.status >= 500 && response.status != 501);
  if (!worth_a_retry) return std::nullopt;
  Error error(response.status == 429 ? ErrorCode::kResourceExhausted : ErrorCode::kUnavailable,
              cat("HTTP ", response.status));
  if (const auto wait = retry_after_of(response, now)) error.set_retry_after(*wait);
  return error;
}

// Follows the one redirect that a standby answers with, never from https to http.
Result<Response> send_following(Http& http, const Request& request, Deadline deadline) {
  KF_ASSIGN(Response response, http.send(request, deadline));
  if (!is_redirect(response)) return response;
  KF_ASSIGN(const Url base, parse_url(request.url));
  KF_ASSIGN(const Url next, resolve_location(base, response.header("location")));
  if (base.scheme == "https" && next.scheme == "http") {
    return Error(ErrorCode::kFailedPrecondition,
                 cat(origin_of(base),
                     " redirects to http, which would send the token in the clear; set "
                     "vaultAddress to the active server"));
  }
  Request onward = copy_of(request);
  onward.url = to_text(next);
  return http.send(onward, deadline);
}

}  // namespace

// One fetch: what it is about, and what it has learnt on the way.
struct VaultStore::Visit {
  const FetchRequest& request;
  const VaultConfig& config;
  LoginPtr login;
  bool login_is_fresh = false;
};

Result<FetchResult> VaultStore::fetch(const FetchRequest& request) {
  const auto parsed = classes_.parsed(request.spc, parse_config);
  if (has_errors(parsed->problems)) {
    return Error(ErrorCode::kInvalidArgument, text_of_errors(parsed->problems));
  }
  Visit visit{request, parsed->config, nullptr};
  KF_ASSIGN(visit.login, login_for(visit));

  std::map<std::string, Result<Json>> answers;  // one per distinct request
  FetchResult result;
  for (const ObjectSpec& object : parsed->config.objects) {
    const std::string key = request_key(object);
    auto found = answers.find(key);
    if (found == answers.end()) {
      found = answers.emplace(key, read(visit, object)).first;
    }
    add_files(object, found->second, result);
  }
  return result;
}

// An optional object that is not there is no error, nor is one whose secretKey is not.
void VaultStore::add_files(const ObjectSpec& object, const Result<Json>& answer,
                           FetchResult& result) const {
  for (FetchedObject& file : files_of(object, answer)) {
    const bool absent = object.extras.optional && !file.file.ok() &&
                        file.file.error().code() == ErrorCode::kNotFound;
    if (absent) {
      result.absent.push_back(std::move(file.id));
    } else {
      result.objects.push_back(std::move(file));
    }
  }
}

std::vector<FetchedObject> VaultStore::files_of(const ObjectSpec& object,
                                                const Result<Json>& answer) const {
  std::vector<FetchedObject> files;
  if (answer.ok() && object.extras.expand_keys) {
    const auto value = value_to_expand(object, *answer);
    const auto version = [&](const std::string& path, const Secret& contents) {
      return version_of(path, object.mode, contents);
    };
    if (value.ok()) return expand_keys({object.name, object.mode, version}, *value);
    files.push_back({object.name, value.error()});
  } else {
    files.push_back(
        {object.name, answer.ok() ? file_of(object, *answer) : Result<SecretFile>(answer.error())});
  }
  return files;
}

Result<SecretFile> VaultStore::file_of(const ObjectSpec& object, const Json& answer) const {
  KF_ASSIGN(Secret contents, contents_of(object, answer));
  const Secret stable = stable_contents_of(object, answer, contents);
  std::string version = version_of(object.name, object.mode, stable);
  return SecretFile{object.name, std::move(contents), object.mode, std::move(version)};
}

std::string VaultStore::version_of(const std::string& path, std::optional<std::uint32_t> mode,
                                   const Secret& stable) const {
  return base64url_encode(
      versions_.of({path, "\n", mode ? cat(*mode) : "", "\n", stable.expose()}));
}

Result<VaultStore::LoginPtr> VaultStore::login_for(Visit& visit) {
  {
    const std::lock_guard lock(mutex_);
    const auto held = logins_.find(login_key(visit.config, visit.request.pod));
    if (held != logins_.end() && clock_.steady_now() < held->second->use_until) {
      return held->second;
    }
  }
  return log_in(visit);
}

Result<VaultStore::LoginPtr> VaultStore::log_in(Visit& visit) {
  KF_ASSIGN(const Secret jwt, visit.request.tokens.token(visit.config.audience));
  KF_ASSIGN(const Response response,
            send(visit, login_request(visit.config, jwt)).with_context("vault login"));
  if (!is_success(response)) {
    return login_error(visit.config, response, clock_.wall_now())
        .with_context("vault")
        .without(jwt);
  }
  auto login = read_login(response);
  if (!login.ok()) return std::move(login).error().with_context("vault login");
  const SteadyTime use_until = login->lifetime.count() == 0
                                   ? SteadyTime::max()
                                   : clock_.steady_now() + login->lifetime * 2 / 3;
  auto held = std::make_shared<const HeldLogin>(HeldLogin{std::move(login->token), use_until});
  visit.login_is_fresh = true;
  const std::lock_guard lock(mutex_);
  if (logins_.size() >= prune_logins_at_) forget_ended_logins();
  logins_[login_key(visit.config, visit.request.pod)] = held;
  return LoginPtr(held);
}

// Each time they have doubled, so that a login costs the same however many pods there are.
void VaultStore::forget_ended_logins() {
  const SteadyTime now = clock_.steady_now();
  std::erase_if(logins_, [now](const auto& entry) { return entry.second->use_until <= now; });
  prune_logins_at_ = std::max(kFirstPrune, 2 * logins_.size());
}

Result<Json> VaultStore::read(Visit& visit, const ObjectSpec& object) {
  KF_ASSIGN(Response response, ask(visit, object));
  // A held token may have been revoked or used up behind our back: one new login tells.
  if (is_denied(response) && !visit.login_is_fresh) {
    KF_ASSIGN(visit.login, log_in(visit));
    KF_ASSIGN(response, ask(visit, object));
  }
  if (is_success(response)) return read_secret(response, object);
  std::optional<MountFact> mount;
  if (response.status == 403 || response.status == 404) mount = mount_of(visit, object);
  return read_error(visit.config, object, response, mount, clock_.wall_now())
      .without(visit.login->token);
}

Result<Response> VaultStore::ask(Visit& visit, const ObjectSpec& object) {
  return send(visit, read_request(visit.config, visit.login->token, object));
}

std::optional<MountFact> VaultStore::mount_of(Visit& visit, const ObjectSpec& object) {
  const auto response =
      http_.send(mount_request(visit.config, visit.login->token, object), visit.request.deadline);
  return response.ok() ? read_mount(*response) : std::nullopt;
}

// One request with retries. A status that was still worth a retry at the end is a Response like any
// other.
Result<Response> VaultStore::send(const Visit& visit, Request request) {
  request.stop = visit.request.stop;
  const RetryScope scope{clock_, visit.request.deadline, visit.request.stop, random_share};
  const RepeatedExchange repeated{
      [&](Deadline deadline) { return send_following(http_, request, deadline); },
      [&](const Response& response) { return complaint_about(response, clock_.wall_now()); },
      kLongestRequest};
  auto sent = exchange_with_retries(RetryPolicy(), scope, repeated);
  if (!sent.ok()) return no_answer_error(visit.config, std::move(sent).error());
  return sent;
}

StoreKind kind() {
  return {"vault",
          [](const StoreParts& parts) -> std::unique_ptr<Store> {
            return std::make_unique<VaultStore>(parts);
          },
          [](const manifest::SecretProviderClass& spc) {
            ParsedConfig parsed = parse_config(spc);
            ParameterCheck check{std::move(parsed.problems), {}};
            for (const ObjectSpec& object : parsed.config.objects) {
              if (object.extras.expand_keys) {
                check.more_files = true;
              } else {
                check.files.push_back({object.name, object.line});
              }
            }
            return check;
          }};
}

}  // namespace keyferry::stores::vault
