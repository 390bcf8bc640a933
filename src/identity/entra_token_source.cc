#include "identity/entra_token_source.h"

#include <algorithm>

#include "base/strings.h"
#include "identity/entra_error.h"
#include "identity/machine_identity.h"
#include "net/retry.h"

namespace keyferry {

namespace {

constexpr auto kLongestRequest = std::chrono::seconds(20);
// A token with less left is got anew: a fetch that begins with it may take its time.
constexpr auto kSpare = std::chrono::minutes(5);
constexpr std::size_t kKeySize = 32;

// Until when a token is given: one that lives shorter than the spare time, for half of it.
WallTime use_until(const EntraToken& token, WallTime now) {
  return std::max(token.expires - kSpare, now + (token.expires - now) / 2);
}

Error unreachable(const Error& error, const EntraIdentity& identity) {
  const bool no_answer = error.code() == ErrorCode::kUnavailable ||
                         error.code() == ErrorCode::kDeadlineExceeded ||
                         error.code() == ErrorCode::kFailedPrecondition;
  if (!no_answer || error.message().find("; ") != std::string::npos) return error;
  switch (identity.login) {
    case EntraLogin::kFederated:
    case EntraLogin::kSecret:
      return error.with_remedy(cat("is ", identity.authority, " reachable from here?"));
    case EntraLogin::kTokenProxy:
      return error.with_remedy(cat("is the cluster's token proxy ", identity.authority,
                                   " reachable from here? tokenProxyUrl names it"));
    case EntraLogin::kMachine:
      return error.with_remedy("is this a machine of Azure, whose metadata service may be asked?");
    case EntraLogin::kNodeManagedPod:
      return error.with_remedy(
          "AAD pod identity is retired: use a workload identity (clientID), or run its NMI");
  }
  return error;
}

}  // namespace

EntraTokenSource::EntraTokenSource(Http& http, Clock& clock)
    : http_(http), clock_(clock), digests_(random_bytes(kKeySize)), flights_(clock) {}

std::string EntraTokenSource::key_of(const EntraIdentity& identity, const EntraProof& proof) const {
  std::string key = std::to_string(static_cast<int>(identity.login));
  const std::string secret =
      proof.client_secret == nullptr ? "" : digests_.of({proof.client_secret->expose()});
  for (const std::string& part :
       {identity.namespace_name, identity.service_account, identity.pod_name, identity.tenant,
        identity.client_id, identity.authority, identity.metadata, identity.resource,
        identity.tls.ca_file, identity.tls.server_name, secret}) {
    key += cat(':', part.size(), ':', part);
  }
  return key;
}

Result<EntraTokenSource::TokenPtr> EntraTokenSource::token(const EntraIdentity& identity,
                                                           const EntraProof& proof,
                                                           const Patience& patience) {
  const std::string key = key_of(identity, proof);
  if (auto fresh = held(key)) return fresh;
  return flights_.run(key, patience, [&]() -> Result<TokenPtr> {
    if (auto fresh = held(key)) return fresh;  // somebody got it meanwhile
    KF_ASSIGN(EntraToken got,
              log_in(identity, proof, patience).with_context(cat("token for ", name_of(identity))));
    const auto token = std::make_shared<const EntraToken>(std::move(got));
    const WallTime now = clock_.wall_now();
    const std::lock_guard lock(mutex_);
    prune_.before_insertion(held_,
                            [now](const auto& entry) { return entry.second.use_until <= now; });
    held_[key] = {token, use_until(*token, now)};
    return token;
  });
}

EntraTokenSource::TokenPtr EntraTokenSource::held(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = held_.find(key);
  if (found == held_.end() || found->second.use_until <= clock_.wall_now()) return nullptr;
  return found->second.token;
}

void EntraTokenSource::forget(const EntraIdentity& identity, const EntraProof& proof,
                              const TokenPtr& refused) {
  const std::string key = key_of(identity, proof);
  const std::lock_guard lock(mutex_);
  const auto found = held_.find(key);
  if (found != held_.end() && found->second.token == refused) held_.erase(found);
}

Result<EntraToken> EntraTokenSource::log_in(const EntraIdentity& identity, const EntraProof& proof,
                                            const Patience& patience) {
  auto token = [&] {
    switch (identity.login) {
      case EntraLogin::kFederated:
      case EntraLogin::kTokenProxy:
        return by_assertion(identity, proof, patience);
      case EntraLogin::kSecret:
        return by_secret(identity, proof, patience);
      case EntraLogin::kMachine:
      case EntraLogin::kNodeManagedPod:
        return by_machine(identity, proof, patience);
    }
    return Result<EntraToken>(Error(ErrorCode::kInternal, "a login of no kind"));
  }();
  if (token.ok()) return token;
  return unreachable(token.error(), identity);
}

// The assertion is read anew for every try: a kubelet renews it meanwhile.
Result<EntraToken> EntraTokenSource::by_assertion(const EntraIdentity& identity,
                                                  const EntraProof& proof,
                                                  const Patience& patience) {
  Secret assertion;
  const Asked asked{
      [&]() -> Result<Request> {
        KF_ASSIGN(assertion, proof.tokens.token(identity.login == EntraLogin::kTokenProxy
                                                    ? kTokenProxyAudience
                                                    : kFederatedAudience));
        return entra::federated_request(identity, assertion);
      },
      entra::may_be_better_later,
      [&](const Response& response) {
        return entra::refusal(response, identity, entra::claims_of(assertion), clock_.wall_now())
            .without(assertion);
      }};
  return ask(asked, proof, patience);
}

Result<EntraToken> EntraTokenSource::by_secret(const EntraIdentity& identity,
                                               const EntraProof& proof, const Patience& patience) {
  if (proof.client_secret == nullptr) {
    return Error(ErrorCode::kFailedPrecondition, "there is no client secret; give one");
  }
  const Secret& secret = *proof.client_secret;
  const Asked asked{
      [&]() -> Result<Request> { return entra::secret_request(identity, secret); },
      entra::may_be_better_later,
      [&](const Response& response) {
        return entra::refusal(response, identity, {}, clock_.wall_now()).without(secret);
      }};
  return ask(asked, proof, patience);
}

Result<EntraToken> EntraTokenSource::by_machine(const EntraIdentity& identity,
                                                const EntraProof& proof, const Patience& patience) {
  const bool metadata = identity.login == EntraLogin::kMachine;
  const Asked asked{[&]() -> Result<Request> {
                      return metadata ? machine_identity::metadata_request(identity)
                                      : machine_identity::node_request(identity);
                    },
                    machine_identity::may_be_better_later,
                    [&](const Response& response) {
                      return machine_identity::refusal(response, identity, clock_.wall_now());
                    }};
  return ask(asked, proof, patience);
}

Result<EntraToken> EntraTokenSource::ask(const Asked& asked, const EntraProof& proof,
                                         const Patience& patience) {
  const RetryScope scope{clock_, patience.deadline, patience.stop, random_share};
  const RepeatedExchange repeated{[&](Deadline deadline) -> Result<Response> {
                                    KF_ASSIGN(Request request, asked.made());
                                    request.stop = patience.stop;
                                    request.priority = patience.priority;
                                    return http_.send(request, deadline);
                                  },
                                  [&](const Response& response) -> std::optional<Error> {
                                    if (!asked.may_be_better_later(response)) return std::nullopt;
                                    return asked.refusal(response);
                                  },
                                  kLongestRequest};
  KF_ASSIGN(const Response answer, exchange_with_retries(RetryPolicy(), scope, repeated));
  if (answer.status != 200) return asked.refusal(answer);
  return entra::read_token(answer, clock_.wall_now());
}

}  // namespace keyferry
