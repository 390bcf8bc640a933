#include "cli/manifest_files.h"

#include <algorithm>

#include "base/strings.h"
#include "os/dir.h"

namespace keyferry::cli {

namespace {

constexpr std::size_t kLargestManifest = std::size_t{4} << 20;

void read_one(const std::string& file, manifest::Manifests& into) {
  auto text = read_file(file == "-" ? "/dev/stdin" : file, kLargestManifest);
  if (!text.ok()) {
    into.problems.push_back({Severity::kError, file, 0, "", "", text.error().message(),
                             "check the path given with -f"});
    return;
  }
  manifest::parse_manifest(text->expose(), file, into);
}

bool is_manifest_name(std::string_view name) {
  return name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".json");
}

// The manifests in a folder; empty optional when `path` is not a folder.
std::optional<std::vector<std::string>> folder_manifests(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  auto dir = open_dir(path);
  if (!dir.ok()) return std::nullopt;
  auto entries = (*dir)->list();
  if (!entries.ok()) return std::nullopt;
  std::vector<std::string> files;
  for (const DirEntry& entry : *entries) {
    const bool readable = entry.kind == FileKind::kFile || entry.kind == FileKind::kLink;
    if (readable && is_manifest_name(entry.name)) files.push_back(cat(path, "/", entry.name));
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string full_name(const std::string& namespace_name, const std::string& name) {
  return namespace_name.empty() ? name : cat(namespace_name, "/", name);
}

bool is_named(const manifest::ObjectMeta& meta, const ObjectName& wanted) {
  return meta.name == wanted.name &&
         (wanted.namespace_name.empty() || meta.namespace_name.empty() ||
          meta.namespace_name == wanted.namespace_name);
}

}  // namespace

manifest::Manifests read_manifests(const std::vector<std::string>& files) {
  manifest::Manifests manifests;
  for (const std::string& file : files) {
    const auto folder = file == "-" ? std::nullopt : folder_manifests(file);
    if (!folder) {
      read_one(file, manifests);
      continue;
    }
    if (folder->empty()) {
      manifests.problems.push_back({Severity::kError, file, 0, "", "",
                                    "no *.yaml, *.yml or *.json in this folder",
                                    "name the files or another folder with -f"});
    }
    for (const std::string& inside : *folder) read_one(inside, manifests);
  }
  return manifests;
}

Result<const manifest::SecretProviderClass*> chosen_spc(const manifest::Manifests& manifests,
                                                        const std::optional<ObjectName>& wanted) {
  const auto& all = manifests.secret_provider_classes;
  std::vector<const manifest::SecretProviderClass*> matching;
  std::vector<std::string> names;
  for (const auto& spc : all) {
    names.push_back(full_name(spc.meta.namespace_name, spc.meta.name));
    if (!wanted || is_named(spc.meta, *wanted)) matching.push_back(&spc);
  }
  if (matching.size() == 1) return matching.front();
  const std::string there = names.empty() ? "there is none" : cat("there are: ", join(names, ", "));
  if (matching.empty() && wanted) {
    return Error(ErrorCode::kInvalidArgument,
                 cat("no SecretProviderClass '", full_name(wanted->namespace_name, wanted->name),
                     "' in the manifests (", there, ")"));
  }
  if (matching.empty()) {
    return Error(ErrorCode::kInvalidArgument,
                 "no SecretProviderClass in the manifests; name its file with -f");
  }
  return Error(ErrorCode::kInvalidArgument,
               cat("more than one SecretProviderClass (", there,
                   "); choose one with --secret-provider-class NAMESPACE/NAME"));
}

ObjectName service_account_of(const manifest::Manifests& manifests,
                              const manifest::SecretProviderClass& spc,
                              const std::optional<ObjectName>& wanted) {
  if (wanted) {
    ObjectName named = *wanted;
    if (named.namespace_name.empty()) named.namespace_name = spc.meta.namespace_name;
    return named;
  }
  for (const auto& account : manifests.service_accounts) {
    if (is_named(account.meta, {spc.meta.namespace_name, spc.meta.name})) {
      return {account.meta.namespace_name, account.meta.name};
    }
  }
  return {spc.meta.namespace_name, spc.meta.name};
}

std::string annotation_of(const manifest::Manifests& manifests, const ObjectName& account,
                          std::string_view annotation) {
  for (const auto& one : manifests.service_accounts) {
    const auto found = one.meta.annotations.find(std::string(annotation));
    if (is_named(one.meta, account) && found != one.meta.annotations.end()) return found->second;
  }
  return "";
}

}  // namespace keyferry::cli
