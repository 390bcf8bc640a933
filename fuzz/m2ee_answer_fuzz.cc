// What a runtime may answer to the admin actions. Each line of the input is one answer's body,
// given in turn; a line that begins with '!' is an answer with HTTP status 500.
#include "base/strings.h"
#include "fuzz/promise.h"
#include "runtime/admin_actions.h"
#include "runtime/blot_out.h"
#include "runtime/discreet_admin.h"
#include "runtime/m2ee_client.h"

namespace keyferry::fuzz {
namespace {

// A runtime that answers with the lines of a text, from the first one again when all were given.
class LinesAdmin final : public runtime::RuntimeAdmin {
 public:
  explicit LinesAdmin(std::string_view text) : lines_(split(text, '\n')) {}

  Result<runtime::AdminReply> call(std::string_view action, const Secret& params,
                                   Deadline) override {
    promise(is_json_object(runtime::request_of(action, params).expose()), "a request is JSON");
    std::string_view body = lines_[next_++ % lines_.size()];
    const bool fails = body.starts_with('!');
    if (fails) body.remove_prefix(1);
    auto reply = runtime::read_reply(action, fails ? 500 : 200, body);
    if (reply.ok()) {
      promise(!fails && reply->result >= 0, "a reply is of an action that was carried out");
    }
    const Marked secret = marked(body);
    const auto refused = runtime::read_reply(action, 200, secret.text);
    promise(refused.ok() || !secret.is_shown_in(refused.error().message()),
            "why there is no reply does not quote it");
    return reply;
  }

 private:
  std::vector<std::string_view> lines_;
  std::size_t next_ = 0;
};

// The passwords that are sent; the seeds' answers repeat them, as a real runtime's log texts may.
const Secret kPassword("correct horse \"battery\"");
const Secret kSetting(R"("correct \"horse\" staple")");  // JSON text, as settings are

// What a secret may look like: its text, and of JSON text what it says.
std::vector<std::string> words_of(const Secret& secret) {
  std::vector<std::string> words{std::string(secret.expose())};
  const auto json = parse_json(secret.expose());
  if (json.ok() && json->as_string() != nullptr) words.push_back(*json->as_string());
  return words;
}

void promise_silent(const Error& error, const Secret& secret) {
  for (const std::string& word : words_of(secret)) {
    promise(error.message().find(word) == std::string::npos,
            "a refusal never shows the secret it was sent");
  }
}

void check_questions(std::string_view text) {
  LinesAdmin admin(text);
  (void)runtime::echo(admin, {});
  if (const auto state = runtime::runtime_status(admin, {}); state.ok()) {
    promise(!runtime::name_of(*state).empty(), "a state has a name");
  }
  (void)runtime::check_health(admin, {});
  (void)runtime::about_version(admin, {});
}

void check_orders(std::string_view text) {
  LinesAdmin admin(text);
  (void)runtime::set_up_logging(admin, std::string(text.substr(0, text.find('\n'))),
                                {{std::string(text), "INFO"}}, {});
  (void)runtime::update_appcontainer(admin, 8080,
                                     parse_json(text).ok() ? *parse_json(text) : Json(), {});
}

void check_secret_orders(std::string_view text) {
  LinesAdmin lines(text);
  runtime::DiscreetAdmin admin(lines);
  admin.hide({&kSetting, &kPassword});
  const auto configured = runtime::update_configuration(
      admin, Secret(cat("{\"DatabasePassword\":", kSetting.expose(), "}")), {});
  if (!configured.ok()) promise_silent(configured.error(), kSetting);
  for (const Status& status : {runtime::create_admin_user(admin, kPassword, {}),
                               runtime::update_admin_user(admin, std::string(text), kPassword, {}),
                               runtime::set_debugger(admin, kPassword, {})}) {
    if (!status.ok()) promise_silent(status.error(), kPassword);
  }
  (void)runtime::set_debugger(admin, {}, {});
}

void check_start(std::string_view text) {
  LinesAdmin lines(text);
  runtime::DiscreetAdmin admin(lines);
  admin.hide({&kSetting, &kPassword});
  const auto report = runtime::start(admin, {});
  if (!report.ok()) return;
  const bool runs = report->outcome == runtime::StartOutcome::kRunning;
  promise(runs == !report->error.has_value(), "a start that failed says why");
  if (runs) return;
  promise_silent(*report->error, kPassword);
  promise_silent(*report->error, kSetting);
  const auto changed = runtime::execute_ddl(admin, {});
  if (changed.ok()) return;
  promise_silent(changed.error(), kPassword);
  promise_silent(changed.error(), kSetting);
}

// Any two lines as secrets, the whole as text: nothing that is said by one of them is left. What
// holds the blot itself may be made by blotting.
void check_blotting(std::string_view text) {
  const auto lines = split(text, '\n');
  const Secret first(lines.front());
  const Secret last(lines.back());
  const std::string blotted = runtime::blot_out(std::string(text), {&first, &last});
  for (const Secret* secret : {&first, &last}) {
    for (const std::string& word : words_of(*secret)) {
      if (word.size() < 4 || word.find('*') != std::string::npos) continue;
      promise(blotted.find(word) == std::string::npos, "a blotted text holds no secret");
    }
  }
}

void check(std::string_view text) {
  check_questions(text);
  check_orders(text);
  check_secret_orders(text);
  check_start(text);
  check_blotting(text);
}

}  // namespace
}  // namespace keyferry::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  keyferry::fuzz::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
