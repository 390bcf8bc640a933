#include "stores/azure/azure_files.h"

#include "base/strings.h"

namespace keyferry::stores::azure {

namespace {

constexpr std::string_view kCertificateEnd = ".crt";
constexpr std::string_view kKeyEnd = ".key";

// "secret/shop-db", "secret/shop-db/0": what the driver's status shows (csi.md 8.6).
std::string shown_as(const ObjectSpec& object, FilePlace place) {
  return cat(word_of(object.type), '/', object.name,
             object.has_history() ? cat('/', place.index) : "");
}

std::vector<FetchedObject> expanded(const ObjectSpec& object, const Secret& value,
                                    const std::string& version) {
  const auto same = [&](const std::string&, const Secret&) { return version; };
  const auto document = parse_json(value.expose());
  if (document.ok()) return expand_keys({object.file, object.mode, same}, *document);
  std::vector<FetchedObject> failed;
  failed.push_back({object.file, not_an_object(object.name, "no JSON")});
  return failed;
}

}  // namespace

HeldExpansion held_files(const ObjectSpec& object, FilePlace place, const AzureConfig& config,
                         const std::map<std::string, std::string>& held_versions) {
  if (object.extras.expand_keys) return held_expansion(object.file, held_versions);
  HeldExpansion held;
  const std::string path = path_of(object, place.index);
  const auto whole = held_versions.find(path);
  if (whole == held_versions.end()) return held;
  held.version = whole->second;
  held.ids.push_back(path);
  if (!config.separate_files) return held;
  for (const std::string_view end : {kCertificateEnd, kKeyEnd}) {
    const auto part = held_versions.find(cat(path, end));
    if (part == held_versions.end()) continue;
    if (part->second != held.version) held.version.clear();
    held.ids.push_back(part->first);
  }
  return held;
}

std::vector<FetchedObject> files_of(const ObjectSpec& object, FilePlace place, const Bundle& bundle,
                                    const AzureConfig& config) {
  std::vector<FetchedObject> files;
  const std::string path = path_of(object, place.index);
  auto contents = contents_of(object, bundle, config);
  if (!contents.ok()) {
    files.push_back({path, contents.error()});
    return files;
  }
  const auto add = [&](const std::string& name, Secret bytes) {
    files.push_back({name, SecretFile{name, std::move(bytes), object.mode, bundle.version,
                                      shown_as(object, place)}});
  };
  if (object.extras.expand_keys) {
    files = expanded(object, contents->whole, bundle.version);
    for (FetchedObject& file : files) {
      if (file.file.ok()) file.file->shown_as = shown_as(object, place);
    }
    return files;
  }
  if (contents->certificates) add(cat(path, kCertificateEnd), std::move(*contents->certificates));
  if (contents->key) add(cat(path, kKeyEnd), std::move(*contents->key));
  add(path, std::move(contents->whole));
  return files;
}

}  // namespace keyferry::stores::azure
