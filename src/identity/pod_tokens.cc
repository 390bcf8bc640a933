#include "identity/pod_tokens.h"

#include "base/strings.h"
#include "base/timestamp.h"
#include "formats/json.h"

namespace keyferry {

Result<PodTokens::TokensByAudience> PodTokens::read(const Secret& json) {
  const auto wrong = [](const std::string& why) {
    return Error(ErrorCode::kInvalidArgument, cat("the pod's tokens: ", why));
  };
  const auto parsed = parse_json(json.expose());
  if (!parsed.ok()) return wrong(parsed.error().message());
  const Json::Object* audiences = parsed->as_object();
  if (audiences == nullptr) return wrong(cat("are ", parsed->type_name(), ", not an object"));
  TokensByAudience tokens;
  for (const auto& [audience, entry] : *audiences) {
    const std::string_view token = entry.text_of("token");
    const auto ends = parse_timestamp(entry.text_of("expirationTimestamp"));
    if (token.empty()) return wrong(cat("audience '", audience, "' has no token"));
    if (!ends.ok()) {
      return wrong(cat("audience '", audience, "': expirationTimestamp: ", ends.error().message()));
    }
    tokens[audience] = {Secret(token), *ends};
  }
  return tokens;
}

Status PodTokens::replace(const Secret& json) {
  KF_ASSIGN(TokensByAudience tokens, read(json));
  const std::lock_guard lock(mutex_);
  tokens_.swap(tokens);
  return {};
}

Error PodTokens::missing(const std::string& audience) const {
  std::vector<std::string> there;
  for (const auto& [name, held] : tokens_) there.push_back(cat("'", name, "'"));
  return Error(
      ErrorCode::kNotFound,
      cat("kubelet gave no token for audience '", audience, "' (",
          there.empty() ? std::string("it gave none at all") : cat("it gave ", join(there, ", ")),
          "); add it to spec.tokenRequests of the CSIDriver object"));
}

Result<Secret> PodTokens::token(const std::string& audience) {
  const std::lock_guard lock(mutex_);
  const auto found = tokens_.find(audience);
  if (found == tokens_.end()) return missing(audience);
  const WallTime now = clock_.wall_now();
  if (found->second.ends <= now) {
    return Error(
        ErrorCode::kUnauthenticated,
        cat("the token for audience '", audience, "' ended ",
            std::chrono::floor<std::chrono::seconds>(now - found->second.ends).count(),
            " s ago; kubelet brings new ones where the CSIDriver object has requiresRepublish: "
            "true"));
  }
  return found->second.token.copy();
}

}  // namespace keyferry
