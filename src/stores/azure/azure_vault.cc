#include "stores/azure/azure_vault.h"

#include <set>

#include "base/strings.h"
#include "net/retry.h"
#include "net/url.h"

namespace keyferry::stores::azure {

namespace {

constexpr auto kLongestRequest = std::chrono::seconds(20);
constexpr std::size_t kMostPages = 1000;  // of 25 versions each

}  // namespace

// The question is asked without a token first, as the vendor's clients do: the answer says what
// tokens are for. A server that does not say it is believed to be what the cloud's vaults are.
Status VaultReader::log_in(const ObjectId& first) {
  auto challenge = parts_.challenges.find(address_.base);
  if (!challenge) {
    KF_ASSIGN(const Response answer, send(object_request(address_.base, first), nullptr, first));
    if (may_be_better_later(answer)) return refusal(answer, first);
    challenge = challenge_of(answer);
    KF_TRY(learn(*challenge));
    if (answer.status == 401) parts_.challenges.keep(address_.base, *challenge);
  }
  KF_TRY(learn(*challenge));
  KF_TRY(parts_.tokens.token(identity_, proof_, patience_));
  return {};
}

Status VaultReader::learn(const Challenge& challenge) {
  KF_TRY(check_challenge(challenge, {address_.name, host()})
             .with_context(cat("the vault at ", address_.base)));
  if (!challenge.resource.empty()) identity_.resource = challenge.resource;
  challenge_ = challenge;
  return {};
}

Result<VaultReader::BundlePtr> VaultReader::object(const ObjectId& id) {
  if (const auto known = objects_.find(id); known != objects_.end()) return known->second;
  auto bundle = [&]() -> Result<BundlePtr> {
    KF_ASSIGN(const Response answer, ask(object_request(address_.base, id), id));
    KF_ASSIGN(Bundle read, read_object(answer, id.type).with_context(to_text(id)));
    return std::make_shared<const Bundle>(std::move(read));
  }();
  return objects_.emplace(id, std::move(bundle)).first->second;
}

Result<std::vector<ListedVersion>> VaultReader::versions(const ObjectId& asked) {
  const ObjectId id{asked.type, asked.name, ""};
  if (const auto known = versions_.find(id); known != versions_.end()) return known->second;
  auto all = [&]() -> Result<std::vector<ListedVersion>> {
    std::vector<ListedVersion> versions;
    Request request = versions_request(address_.base, id);
    std::set<std::string> asked_for;
    while (asked_for.size() < kMostPages && asked_for.insert(request.url).second) {
      KF_ASSIGN(const Response answer, ask(request, id));
      KF_ASSIGN(VersionPage page, read_versions(answer).with_context(to_text(id)));
      for (ListedVersion& version : page.versions) versions.push_back(std::move(version));
      if (page.next_link.empty()) return versions;
      KF_ASSIGN(request.url, address_of_page(page.next_link).with_context(to_text(id)));
    }
    return Error(ErrorCode::kInternal, cat(to_text(id), ": the list of versions has no end"));
  }();
  return versions_.emplace(id, std::move(all)).first->second;
}

// The token goes to nobody else: a link must lead to the vault itself, and is asked for where the
// vault is asked.
Result<std::string> VaultReader::address_of_page(const std::string& next_link) const {
  const auto link = parse_url(next_link);
  const auto base = parse_url(address_.base);
  if (link.ok() && base.ok()) {
    const std::string rest = cat(link->path, link->query.empty() ? "" : cat('?', link->query));
    if (origin_of(*link) == origin_of(*base)) return origin_of(*base) + rest;
    if (origin_of(*link) == cat("https://", address_.name)) return address_.base + rest;
  }
  return Error(ErrorCode::kInternal,
               cat("the list of versions goes on at ",
                   link.ok() ? origin_of(*link) : std::string("no address"), ", and not at ",
                   address_.base, "; the token is sent to nobody else: is the endpoint right?"));
}

// A token that was taken back, or is for another tenant since, is got anew, once.
Result<Response> VaultReader::ask(const Request& request, const ObjectId& id) {
  for (int login = 1;; ++login) {
    KF_ASSIGN(const auto token, parts_.tokens.token(identity_, proof_, patience_));
    KF_ASSIGN(Response answer, send(request, &token->value, id));
    if (answer.status < 300) return answer;
    if (answer.status != 401 || login == 2) return refusal(answer, id).without(token->value);
    parts_.tokens.forget(identity_, proof_, token);
    const Challenge challenge = challenge_of(answer);
    KF_TRY(learn(challenge));
    parts_.challenges.keep(address_.base, challenge);
  }
}

Result<Response> VaultReader::send(const Request& request, const Secret* token,
                                   const ObjectId& id) {
  const RetryScope scope{parts_.clock, patience_.deadline, patience_.stop, random_share};
  const RepeatedExchange repeated{
      [&](Deadline deadline) -> Result<Response> {
        Request one = copy_of(request);
        one.tls = address_.tls;
        one.stop = patience_.stop;
        one.priority = patience_.priority;
        if (token != nullptr) {
          Secret bearer("Bearer ");
          bearer.append(token->expose());
          one.secret_headers.push_back({"Authorization", std::move(bearer)});
        }
        return parts_.http.send(one, deadline);
      },
      [&](const Response& answer) -> std::optional<Error> {
        if (!may_be_better_later(answer)) return std::nullopt;
        Error error = refusal(answer, id);
        return token == nullptr ? error : std::move(error).without(*token);
      },
      kLongestRequest};
  return exchange_with_retries(RetryPolicy(), scope, repeated)
      .with_remedy(cat("is the vault at ", address_.base,
                       " there, and reachable from here? keyvaultName and cloudName name it"));
}

// A vault trusts one tenant only, and says which.
Error VaultReader::refusal(const Response& response, const ObjectId& id) const {
  Error error = vault_error(response, id, name_of(identity_), parts_.clock.wall_now());
  const bool other_tenant = response.status == 401 && !challenge_.tenant.empty() &&
                            to_lower(challenge_.tenant) != to_lower(identity_.tenant);
  if (!other_tenant) return error;
  return std::move(error).with_remedy(
      cat("the vault itself names tenant ", challenge_.tenant, " of ", challenge_.authority));
}

std::string VaultReader::host() const {
  const auto url = parse_url(address_.base);
  return url.ok() ? url->host : "";
}

}  // namespace keyferry::stores::azure
