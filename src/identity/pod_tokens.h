#pragma once

#include <map>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "identity/token_source.h"

namespace keyferry {

// The tokens of a pod's service account, as kubelet hands them over for each audience that the
// CSIDriver object names in spec.tokenRequests: JSON text, {audience: {"token": …,
// "expirationTimestamp": RFC 3339}} (csi.md 1.7). Kubelet brings new ones long before they end.
// Any thread may call.
class PodTokens final : public TokenSource {
 public:
  // `clock` outlives it.
  explicit PodTokens(Clock& clock) : clock_(clock) {}

  // kInvalidArgument: not such a text; the tokens held stay.
  Status replace(const Secret& json);

  // kNotFound: there is none for that audience: what the CSIDriver object must have.
  // kUnauthenticated: it has ended.
  Result<Secret> token(const std::string& audience) override;

 private:
  struct Held {
    Secret token;
    WallTime ends;
  };
  using TokensByAudience = std::map<std::string, Held>;
  static Result<TokensByAudience> read(const Secret& json);
  Error missing(const std::string& audience) const;

  Clock& clock_;
  std::mutex mutex_;
  TokensByAudience tokens_;
};

}  // namespace keyferry
