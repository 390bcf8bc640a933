// Mounted files: what they mean, what the runtime is sent, and the plan between two sets of them.
// The input is text: a line "#file NAME" begins a file, "#then" begins the second set, "#app" the
// manifest of the app, "#version V" tells the runtime's version.
#include <map>
#include <set>

#include "base/strings.h"
#include "catalog/key_table.h"
#include "fuzz/promise.h"
#include "manifest/manifest.h"
#include "runtime/change_plan.h"
#include "runtime/wanted.h"

namespace keyferry::fuzz {
namespace {

using Files = std::map<std::string, std::string>;

struct Input {
  std::string_view text;
  Files before;
  Files after;
  std::string app;
  catalog::AppContext context;
};

class InputReader {
 public:
  explicit InputReader(std::string_view text) {
    input_.text = text;
    for (const std::string_view line : split(text, '\n')) read(line);
  }
  Input take() { return std::move(input_); }

 private:
  void read(std::string_view line) {
    constexpr std::string_view kFile = "#file ";
    constexpr std::string_view kVersion = "#version ";
    if (line == "#then") {
      set_ = &input_.after;
      into_ = nullptr;
    } else if (line == "#app") {
      into_ = &input_.app;
    } else if (line.starts_with(kFile) && line.size() > kFile.size()) {
      into_ = &(*set_)[std::string(line.substr(kFile.size()))];
    } else if (line.starts_with(kVersion)) {
      input_.context.version = catalog::runtime_version_of(line.substr(kVersion.size()));
    } else if (into_ != nullptr) {
      if (!into_->empty()) *into_ += '\n';
      *into_ += line;
    }
  }

  Input input_;
  Files* set_ = &input_.before;
  std::string* into_ = nullptr;
};

std::vector<catalog::StoreFile> views_of(const Files& files) {
  std::vector<catalog::StoreFile> views;
  for (const auto& [name, bytes] : files) views.push_back({name, bytes});
  return views;
}

manifest::MendixApp app_of(const std::string& text) {
  manifest::Manifests manifests;
  if (!text.empty()) manifest::parse_manifest(text, "app.yaml", manifests);
  manifest::MendixApp app;
  if (!manifests.mendix_apps.empty()) app = std::move(manifests.mendix_apps.front());
  app.meta.kind = "MendixApp";
  app.meta.name = "shop";
  app.allow_override = true;
  return app;
}

bool is_secret(std::string_view name) {
  const catalog::KeyRow* row = catalog::row_of(name);
  return row == nullptr || row->type == catalog::ValueType::kSecret ||
         row->type == catalog::ValueType::kAny || row->effect != catalog::Effect::kSetting ||
         row->key == "database-jdbc-url";
}

// With a word put into each secret value: nobody says it.
void check_silence(const Input& input, const Files& files) {
  Files spoken = files;
  std::vector<Marked> secrets;
  for (auto& [name, bytes] : spoken) {
    if (!is_secret(name)) continue;
    secrets.push_back(marked(bytes, input.text));
    bytes = secrets.back().text;
  }
  for (const Problem& problem : catalog::resolve(views_of(spoken), input.context).problems) {
    for (const Marked& secret : secrets) {
      promise(!secret.is_shown_in(to_text(problem)), "what is wrong with files shows no secret");
    }
  }
}

void check_settings(const std::vector<catalog::StoreSetting>& settings) {
  std::set<std::string> names;
  for (const catalog::StoreSetting& setting : settings) {
    promise(parse_json(setting.json.expose()).ok(), "every setting is JSON");
    promise(names.insert(setting.name).second, "no setting comes twice");
    promise(!setting.key.empty(), "every setting names its file");
  }
}

void check_resolved(const Input& input, const Files& files) {
  const catalog::Resolved resolved = catalog::resolve(views_of(files), input.context);
  for (const Problem& problem : resolved.problems) {
    promise(!problem.field.empty(), "every problem of files names the key");
  }
  promise_good(resolved.problems);
  check_silence(input, files);
  check_settings(resolved.settings);
  check_settings(resolved.custom);
  check_settings(resolved.constants);
  promise(!resolved.admin_password || !resolved.admin_password->empty(),
          "an admin password is not empty");
}

runtime::EffectiveSettings check_wanted(const Input& input, const Files& files) {
  check_resolved(input, files);
  runtime::Wanted wanted = runtime::wanted_settings(app_of(input.app), views_of(files),
                                                    input.context, runtime::Role::kLeader);
  promise_good(wanted.problems);
  promise(is_json_object(runtime::configuration_of(wanted.settings).expose()),
          "what is sent to the runtime is JSON");
  return std::move(wanted.settings);
}

// Once the live part of a plan is applied, the rest of it is the same and nothing acts again.
void check_plan(const Input& input, const runtime::EffectiveSettings& before,
                const runtime::EffectiveSettings& after) {
  const auto plan = runtime::plan_change(before, after, input.context.version);
  promise(is_json_object(runtime::configuration_of(after, plan.live).expose()),
          "what is applied live is JSON");
  for (const auto& pending : plan.restart) {
    promise(!pending.name.empty() && !pending.reason.empty(), "a restart has a reason");
  }
  runtime::EffectiveSettings running = copy_of(before);
  runtime::take_over(plan.live, after, running);
  if (plan.admin == runtime::PasswordChange::kSet) {
    running.admin_password = copy_of(after.admin_password);
  }
  running.debugger_password = copy_of(after.debugger_password);
  const auto again = runtime::plan_change(running, after, input.context.version);
  promise(!again.acts(), "a plan that was carried out acts no more");
  promise(again.restart == plan.restart, "what waits for a restart still waits");
  promise(again.degraded == plan.degraded, "what was kept is still kept");
}

void check(std::string_view text) {
  const Input input = InputReader(text).take();
  const auto before = check_wanted(input, input.before);
  const auto after = check_wanted(input, input.after);
  const auto none = runtime::plan_change(before, before, input.context.version);
  promise(!none.acts() && none.restart.empty(), "the same set changes nothing");
  check_plan(input, before, after);
  check_plan(input, after, before);
}

}  // namespace
}  // namespace keyferry::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  keyferry::fuzz::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
