#include <algorithm>
#include <set>

#include "base/strings.h"
#include "formats/yaml.h"
#include "manifest/manifest.h"

namespace keyferry::manifest {

namespace {

constexpr std::string_view kAccountAnnotation = "privatecloud.mendix.com/environment-account";
constexpr std::string_view kClassAnnotation = "privatecloud.mendix.com/environment-class";
constexpr std::string_view kAllow = "spec.allowOverrideSecretsWithSecretStoreCSIDriver";

void complain(Problems& problems, Severity severity, const ObjectMeta& meta, int line,
              std::string field, std::string message, std::string remedy) {
  problems.push_back({severity, meta.file, line, meta.display_name(), std::move(field),
                      std::move(message), std::move(remedy)});
}

// Known, misspelt, or of a name that only Mendix uses.
bool is_of_mendix(std::string_view annotation) {
  return annotation.starts_with("privatecloud.mendix.com/") ||
         !nearest_name(annotation, {kAccountAnnotation, kClassAnnotation}).empty();
}

bool has_mendix_annotation(const ObjectMeta& meta) {
  return std::any_of(meta.annotations.begin(), meta.annotations.end(),
                     [](const auto& annotation) { return is_of_mendix(annotation.first); });
}

// The annotation that was written in place of this one; "" when none looks like it.
std::string misspelt(const ObjectMeta& meta, std::string_view annotation) {
  for (const auto& [name, value] : meta.annotations) {
    if (is_of_mendix(name) && !nearest_name(name, {annotation}).empty()) return name;
  }
  return "";
}

void check_annotation(const ObjectMeta& meta, std::string_view annotation, Problems& problems) {
  const auto found = meta.annotations.find(annotation);
  if (found != meta.annotations.end() && found->second == "true") return;
  const std::string remedy = cat("without it the object is never attached; add ", annotation,
                                 ": \"true\" under metadata.annotations");
  if (found == meta.annotations.end()) {
    const std::string instead = misspelt(meta, annotation);
    complain(problems, Severity::kError, meta, meta.line, "metadata.annotations",
             cat("annotation ", annotation, " is missing",
                 instead.empty() ? "" : cat("; there is '", instead, "'")),
             remedy);
  } else {
    const auto line = meta.annotation_lines.find(annotation);
    complain(problems, Severity::kError, meta,
             line == meta.annotation_lines.end() ? meta.line : line->second, "metadata.annotations",
             cat("annotation ", annotation, " is '", found->second, "', not \"true\""), remedy);
  }
}

bool same_name(const ObjectMeta& a, const ObjectMeta& b) {
  const bool same_namespace =
      a.namespace_name == b.namespace_name || a.namespace_name.empty() || b.namespace_name.empty();
  return a.name == b.name && same_namespace;
}

// One name binds them all: an object of `kind` must be called as the app.
template <class Object>
void check_partner(const MendixApp& app, const std::vector<Object>& objects, std::string_view kind,
                   Problems& problems) {
  const auto match = std::find_if(objects.begin(), objects.end(), [&](const Object& object) {
    return same_name(object.meta, app.meta);
  });
  if (match != objects.end()) return;
  if (objects.empty()) {
    complain(problems, Severity::kError, app.meta, app.meta.name_line, "metadata.name",
             cat("there is no ", kind, " named '", app.meta.name, "' in the files given"),
             "add one with exactly this name and namespace");
    return;
  }
  for (const Object& object : objects) {
    complain(
        problems, Severity::kError, object.meta, object.meta.name_line, "metadata.name",
        cat("is not named like ", app.meta.display_name()),
        cat("name it '", app.meta.name, "'",
            app.meta.namespace_name.empty() ? ""
                                            : cat(" in namespace '", app.meta.namespace_name, "'"),
            "; ServiceAccount, SecretProviderClass and MendixApp are joined by name alone"));
  }
}

// Without an app, a class and its account still have one name.
void check_pairs(const Manifests& manifests, Problems& problems) {
  for (const ServiceAccount& account : manifests.service_accounts) {
    const auto& classes = manifests.secret_provider_classes;
    const bool has_class = std::any_of(
        classes.begin(), classes.end(),
        [&](const SecretProviderClass& spc) { return same_name(spc.meta, account.meta); });
    if (has_class || classes.empty()) continue;
    complain(problems, Severity::kError, account.meta, account.meta.name_line, "metadata.name",
             cat("is not named like ", classes.front().meta.display_name()),
             "give both the app's name; ServiceAccount, SecretProviderClass and MendixApp are "
             "joined by name alone");
  }
}

void check_override(const MendixApp& app, const Manifests& manifests, Problems& problems) {
  if (app.allow_override || manifests.secret_provider_classes.empty()) return;
  complain(problems, Severity::kError, app.meta, app.allow_override_line, std::string(kAllow),
           "is not true, so the mounted secrets are never read", "set it to true");
}

void check_plans(const MendixApp& app, const Manifests& manifests, Problems& problems) {
  if (manifests.secret_provider_classes.empty()) return;
  for (const auto& [field, plan] :
       {std::pair("spec.database.servicePlan", app.database_service_plan),
        std::pair("spec.storage.servicePlan", app.storage_service_plan)}) {
    if (plan.empty()) continue;
    complain(problems, Severity::kWarning, app.meta, app.meta.line, field,
             cat("names plan '", plan, "' beside a secret store"),
             "remove the plan if the store has that group's keys; one group has one source");
  }
}

void check_reserved(const ObjectMeta& meta, Problems& problems) {
  static constexpr std::string_view kReserved[] = {"mendix-operator", "mendix-agent",
                                                   "mendix-storage-provisioner"};
  const bool reserved =
      std::find(std::begin(kReserved), std::end(kReserved), meta.name) != std::end(kReserved) ||
      (meta.kind == "MendixApp" &&
       (meta.name.starts_with("mendix-") || meta.name.starts_with("openshift-")));
  if (!reserved) return;
  complain(problems, Severity::kError, meta, meta.name_line, "metadata.name",
           cat("'", meta.name, "' is a reserved name"),
           "choose a name that does not begin with mendix- or openshift-");
}

void complain_about(const Placeholder& placeholder, const ObjectMeta& meta, Problems& problems) {
  complain(problems, Severity::kError, meta, placeholder.line, placeholder.field,
           cat("'", placeholder.text, "' is a placeholder that was not filled in"),
           "write the real value, without braces and angle brackets");
}

// Values that hold braces by right: JSON arguments of a request, a JMESPath multi-select.
bool may_hold_braces(std::string_view key) { return key == "secretArgs" || key == "path"; }

void check_lines(const ObjectMeta& meta, int line, const std::string& field, std::string_view text,
                 Problems& problems) {
  for (const Placeholder& placeholder : placeholders_in(text, line, field)) {
    complain_about(placeholder, meta, problems);
  }
}

// Only the texts of a list of objects: braces around its entries are YAML's and JSON's own.
void check_texts(const ObjectMeta& meta, int first_line, const std::string& field, const Yaml& node,
                 Problems& problems) {
  if (node.kind == Yaml::Kind::kScalar) {
    check_lines(meta, first_line + node.text_line - 1, field, node.scalar, problems);
  }
  for (const Yaml& item : node.items) check_texts(meta, first_line, field, item, problems);
  for (const auto& [key, value] : node.members) {
    if (!may_hold_braces(key.scalar)) check_texts(meta, first_line, field, value, problems);
  }
}

void check_parameter(const SecretProviderClass& spc, const std::string& name,
                     const Parameter& parameter, Problems& problems) {
  const std::string field = cat("spec.parameters.", name);
  if (name != "objects") {
    if (!parameter.is_text) return;  // JSON has braces by right
    check_lines(spc.meta, parameter.line, field, parameter.value, problems);
    return;
  }
  const auto documents = parse_yaml(parameter.value);
  if (!documents.ok()) return;  // the store complains
  for (const Yaml& document : *documents) {
    check_texts(spc.meta, parameter.line, field, document, problems);
  }
}

void check_meta(const ObjectMeta& meta, Problems& problems) {
  check_lines(meta, meta.name_line, "metadata.name", meta.name, problems);
  check_lines(meta, meta.line, "metadata.namespace", meta.namespace_name, problems);
  check_reserved(meta, problems);
}

// Two objects of one kind and name: the second would silently replace the first.
template <class Object>
void check_duplicates(const std::vector<Object>& objects, Problems& problems) {
  std::set<std::string> seen;
  for (const Object& object : objects) {
    if (seen.insert(object.meta.display_name()).second) continue;
    complain(problems, Severity::kError, object.meta, object.meta.name_line, "metadata.name",
             "stands in the files more than once", "keep one");
  }
}

}  // namespace

bool is_for_mendix(const Manifests& manifests) {
  const auto is_marked = [](const auto& object) { return has_mendix_annotation(object.meta); };
  const auto& classes = manifests.secret_provider_classes;
  const auto& accounts = manifests.service_accounts;
  return !manifests.mendix_apps.empty() || std::any_of(classes.begin(), classes.end(), is_marked) ||
         std::any_of(accounts.begin(), accounts.end(), is_marked);
}

Problems check_together(const Manifests& manifests) {
  Problems problems;
  check_duplicates(manifests.mendix_apps, problems);
  check_duplicates(manifests.secret_provider_classes, problems);
  check_duplicates(manifests.service_accounts, problems);
  for (const MendixApp& app : manifests.mendix_apps) {
    check_meta(app.meta, problems);
    check_partner(app, manifests.service_accounts, "ServiceAccount", problems);
    check_partner(app, manifests.secret_provider_classes, "SecretProviderClass", problems);
    for (const Placeholder& placeholder : app.placeholders) {
      complain_about(placeholder, app.meta, problems);
    }
    check_override(app, manifests, problems);
    check_plans(app, manifests, problems);
  }
  const bool mendix = is_for_mendix(manifests);
  if (mendix && manifests.mendix_apps.empty()) check_pairs(manifests, problems);
  for (const ServiceAccount& account : manifests.service_accounts) {
    check_meta(account.meta, problems);
    if (mendix) check_annotation(account.meta, kAccountAnnotation, problems);
  }
  for (const SecretProviderClass& spc : manifests.secret_provider_classes) {
    check_meta(spc.meta, problems);
    if (mendix) check_annotation(spc.meta, kClassAnnotation, problems);
    for (const auto& [name, parameter] : spc.parameters) {
      check_parameter(spc, name, parameter, problems);
    }
  }
  return problems;
}

}  // namespace keyferry::manifest
