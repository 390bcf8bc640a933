// What is kept of a session between two runs of the program.
#include "base/strings.h"
#include "stores/vault/vault_json.h"
#include "stores/vault/vault_session.h"

namespace keyferry::stores::vault {

namespace {

constexpr std::string_view kFormat = "keyferry vault session 2";

// Between the clock that the program counts by and the one that outlives it. 0 stands for a life
// without end.
struct Times {
  SteadyTime steady_now;
  WallTime wall_now;

  explicit Times(const Clock& clock) : steady_now(clock.steady_now()), wall_now(clock.wall_now()) {}

  std::int64_t written(SteadyTime when) const {
    if (when == SteadyTime::max()) return 0;
    const auto wall = wall_now + std::chrono::duration_cast<WallTime::duration>(when - steady_now);
    return std::chrono::duration_cast<std::chrono::milliseconds>(wall.time_since_epoch()).count();
  }
  SteadyTime read(std::int64_t milliseconds) const {
    if (milliseconds <= 0) return SteadyTime::max();
    constexpr std::int64_t kYear10000 = 253'402'300'800'000;  // no clock overflows before it
    const WallTime wall{std::chrono::milliseconds(std::min(milliseconds, kYear10000))};
    return steady_now + std::chrono::duration_cast<Duration>(wall - wall_now);
  }
};

void add_term(Json& json, const Term& term, const Times& times) {
  json.set("granted_seconds", static_cast<std::int64_t>(term.granted.count()))
      .set("until", times.written(term.until))
      .set("look_at", times.written(term.look_at))
      .set("is_last", term.is_last);
}

Term term_of(const Json& json, const Times& times) {
  return {std::chrono::seconds(number_of(json, "granted_seconds")),
          times.read(number_of(json, "until")), times.read(number_of(json, "look_at")),
          flag_of(json, "is_last")};
}

Json made_json(const std::string& request, const MadeAnswer& answer, const Times& times) {
  Json json(Json::Object{});
  json.set("request", request).set("secret", answer.secret).set("lease", answer.lease);
  json.set("can_be_renewed", answer.can_be_renewed);
  add_term(json, answer.term, times);
  return json;
}

}  // namespace

Secret Session::to_text(const std::set<std::string>& volumes, const Clock& clock) const {
  const Times times(clock);
  const std::lock_guard lock(mutex_);
  Json::Array made;
  for (const auto& [request, answer] : made_) {
    if (!answer->term.has_ended(times.steady_now)) {
      made.push_back(made_json(request, *answer, times));
    }
  }
  Json::Array replaced;
  for (const Replaced& one : replaced_) {
    Json json(Json::Object{});
    json.set("token", one.token.expose()).set("until", times.written(one.until));
    replaced.push_back(std::move(json));
  }
  Json json(Json::Object{});
  json.set("format", kFormat).set("token", token_.secret.expose());
  json.set("can_be_renewed", token_.can_be_renewed);
  add_term(json, token_.term, times);
  json.set("made", std::move(made)).set("replaced", std::move(replaced));
  json.set("may_not_look", sight_ == Sight::kRefused);
  json.set("volumes", Json::Array(volumes.begin(), volumes.end()));
  std::string text = keyferry::to_text(json);
  return Secret::take(text);
}

Result<KeptSession> session_of_text(std::string_view text, const Clock& clock) {
  const Times times(clock);
  KF_ASSIGN(const Json json, parse_json(text));
  if (json.text_of("format") != kFormat || json.text_of("token").empty()) {
    return Error(ErrorCode::kInvalidArgument, "is not a session of this version");
  }
  Session::Token token{Secret(json.text_of("token")), flag_of(json, "can_be_renewed"),
                       term_of(json, times)};
  auto session = std::make_shared<Session>(std::move(token));
  for (const Json& made : list_of(json, "made")) {
    const Json* secret = made.find("secret");
    if (secret == nullptr) continue;
    session->keep(std::string(made.text_of("request")),
                  std::make_shared<const MadeAnswer>(
                      MadeAnswer{*secret, std::string(made.text_of("lease")),
                                 flag_of(made, "can_be_renewed"), term_of(made, times)}));
  }
  for (const Json& one : list_of(json, "replaced")) {
    session->replaced_.push_back(
        {Secret(one.text_of("token")), times.read(number_of(one, "until"))});
  }
  if (flag_of(json, "may_not_look")) session->set_sight(Sight::kRefused);
  KeptSession kept{std::move(session), {}};
  for (const Json& volume : list_of(json, "volumes")) {
    if (const std::string* name = volume.as_string()) kept.volumes.insert(*name);
  }
  return kept;
}

}  // namespace keyferry::stores::vault
