#include "kube/bearer_token.h"

#include "base/encoding.h"
#include "base/log.h"
#include "base/strings.h"
#include "formats/json.h"
#include "os/dir.h"

namespace keyferry::kube {

namespace {
constexpr std::size_t kLargestToken = std::size_t{64} << 10;
constexpr Duration kLookAgain = std::chrono::minutes(1);
}  // namespace

std::string subject_of(const Secret& token) {
  const auto parts = split(token.expose(), '.');
  if (parts.size() != 3) return {};
  const auto claims = base64url_decode(parts[1]);
  if (!claims.ok()) return {};
  const auto json = parse_json(claims->expose());
  return json.ok() ? std::string(json->text_of("sub")) : std::string();
}

std::string service_account_of(std::string_view subject) {
  const auto parts = split(subject, ':');
  if (parts.size() != 4 || parts[0] != "system" || parts[1] != "serviceaccount") return {};
  return printable(cat(parts[2], '/', parts[3]));
}

BearerToken::Held BearerToken::held_of(std::shared_ptr<const Secret> token) {
  if (token == nullptr) return {};
  std::string account = service_account_of(subject_of(*token));
  return {std::move(token), std::move(account)};
}

Result<BearerToken::Held> BearerToken::current() {
  bool due = false;
  {
    const std::lock_guard lock(mutex_);
    due = !file_.empty() && clock_.steady_now() >= look_at_;
    if (!due) return held_;
    if (held_.token != nullptr) look_at_ = clock_.steady_now() + kLookAgain;
  }
  const Status status = read();
  const std::lock_guard lock(mutex_);
  if (held_.token != nullptr) return held_;
  return status.ok() ? Error(ErrorCode::kInternal, "no token") : status.error();
}

bool BearerToken::renewed_after(const Held& refused) {
  if (file_.empty()) return false;
  if (const Status status = read(); !status.ok()) {
    log::warning("the API server's token cannot be read", {{"problem", status.error().message()}});
  }
  const std::lock_guard lock(mutex_);
  return held_.token != nullptr && (refused.token == nullptr || *held_.token != *refused.token);
}

Status BearerToken::read() {
  KF_ASSIGN(const Secret text, read_regular_file(file_, kLargestToken)
                                   .with_context("token for the API server")
                                   .with_remedy("mount the ServiceAccount's token there"));
  const std::string_view token = trim(text.expose());
  if (token.empty()) {
    return Error(ErrorCode::kFailedPrecondition, cat("token for the API server: '", file_,
                                                     "' is empty; mount the "
                                                     "ServiceAccount's token there"));
  }
  Held held = held_of(std::make_shared<const Secret>(token));
  const std::lock_guard lock(mutex_);
  held_ = std::move(held);
  look_at_ = clock_.steady_now() + kLookAgain;
  return {};
}

}  // namespace keyferry::kube
