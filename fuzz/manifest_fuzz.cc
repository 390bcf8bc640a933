// A manifest: all that `keyferry check` says without asking a store, and the settings it gives.
#include <set>

#include "catalog/catalog.h"
#include "fuzz/promise.h"
#include "manifest/manifest.h"
#include "runtime/wanted.h"
#include "stores/store.h"
#include "stores/vault/vault_config.h"

namespace keyferry::fuzz {
namespace {

// Where nothing is wrong with the parameters, they can be used.
void check_usable(const manifest::SecretProviderClass& spc,
                  const std::vector<stores::PlannedFile>& files) {
  const auto parsed = stores::vault::parse_config(spc);
  promise(!has_errors(parsed.problems), "a good class has a good configuration");
  promise(!parsed.config.role.empty(), "a good class has a role");
  promise(!parsed.config.objects.empty(), "a good class has objects");
  promise(parsed.config.objects.size() == files.size(), "every object is a file");
  std::set<std::string> names;
  for (const auto& object : parsed.config.objects) {
    promise(names.insert(object.name).second, "no two objects have one name");
    promise(object.path.starts_with("/v1/"), "an object's path is one of the API");
    promise(!object.policy_path().empty(), "an object's path names something");
  }
}

void check_class(const manifest::SecretProviderClass& spc, int lines) {
  const auto kind = stores::store_kind_of(spc.provider);
  if (!kind.ok()) {
    promise(kind.error().code() == ErrorCode::kNotFound, "a provider is known or not found");
    return;
  }
  const stores::ParameterCheck found = kind->check(spc);
  promise_good(found.problems, lines);
  if (!has_errors(found.problems)) check_usable(spc, found.files);
  std::vector<catalog::PlannedKey> keys;
  for (const auto& file : found.files) keys.push_back({file.name, file.line});
  Problems names = catalog::check_names(keys, {});
  promise_good(names, lines);
}

void check_app(const manifest::MendixApp& app) {
  const auto wanted = runtime::wanted_settings(app, {}, {}, runtime::Role::kLeader);
  promise_good(wanted.problems);
  promise(is_json_object(runtime::configuration_of(wanted.settings).expose()),
          "what is sent to the runtime is JSON");
}

void check(std::string_view text) {
  manifest::Manifests manifests;
  manifest::parse_manifest(text, "input.yaml", manifests);
  const int lines = line_count(text);
  promise_good(manifests.problems, lines);
  promise_good(manifest::check_together(manifests), lines);
  for (const auto& spc : manifests.secret_provider_classes) check_class(spc, lines);
  for (const auto& app : manifests.mendix_apps) check_app(app);
}

}  // namespace
}  // namespace keyferry::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  keyferry::fuzz::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
