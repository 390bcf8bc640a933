#include "stores/vault/vault_kept.h"

#include "base/encoding.h"
#include "base/log.h"
#include "base/strings.h"
#include "net/sha256.h"

namespace keyferry::stores::vault {

namespace {

constexpr std::string_view kPrefix = "vault-";

std::string name_of(const std::string& key) { return cat(kPrefix, hex_encode(sha256(key))); }

}  // namespace

std::optional<KeptSession> KeptSessions::load(const std::string& key) {
  if (kept_ == nullptr) return std::nullopt;
  const auto text = kept_->load(name_of(key));
  if (!text.ok()) {
    if (text.error().code() != ErrorCode::kNotFound) {
      log::warning("a kept login is not read", {{"error", text.error().message()}});
    }
    return std::nullopt;
  }
  auto kept = session_of_text(text->expose(), clock_);
  if (kept.ok()) return std::move(kept).value();
  log::info("a kept login is not used", {{"why", kept.error().message()}});
  return std::nullopt;
}

void KeptSessions::save(const std::string& key, const Session& session,
                        const std::set<std::string>& volumes) {
  if (kept_ == nullptr) return;
  const Status saved = session.is_worth_keeping(clock_.steady_now())
                           ? kept_->save(name_of(key), session.to_text(volumes, clock_))
                           : kept_->erase(name_of(key));
  if (saved.ok()) return;
  log::warning("leases are not kept for the next start", {{"error", saved.error().message()}});
}

Status KeptSessions::erase(const std::string& key) {
  return kept_ == nullptr ? Status() : kept_->erase(name_of(key));
}

void KeptSessions::sweep() {
  if (kept_ == nullptr) return;
  const auto names = kept_->names();
  if (!names.ok()) {
    log::warning("kept logins are not looked through", {{"error", names.error().message()}});
    return;
  }
  const SteadyTime now = clock_.steady_now();
  for (const std::string& name : *names) {
    if (!name.starts_with(kPrefix)) continue;
    const auto text = kept_->load(name);
    if (!text.ok()) continue;  // not ours
    const auto kept = session_of_text(text->expose(), clock_);
    const bool lives = kept.ok() && (!kept->session->term().has_ended(now) ||
                                     kept->session->is_worth_keeping(now));
    if (lives) continue;
    const Status erased = kept_->erase(name);
    if (!erased.ok()) log::warning("a kept login stays", {{"error", erased.error().message()}});
  }
}

}  // namespace keyferry::stores::vault
