#include "fetch/fetcher.h"

#include <utility>

#include "base/strings.h"

namespace keyferry::fetch {

namespace {

// Everything the answer depends on. The parameters are part of it: an edited class is another
// question, whatever its name.
std::string key_of(const Question& question) {
  const stores::PodIdentity& pod = question.pod;
  std::string key = cat(pod.namespace_name, '\n', pod.pod_name, '\n', pod.pod_uid, '\n',
                        pod.service_account, '\n', question.spc.provider, '\n');
  for (const auto& [name, parameter] : question.spc.parameters) {
    key += cat(name.size(), ':', name, parameter.value.size(), ':', parameter.value);
  }
  return key;
}

// The failure a whole set has when some of its objects failed: the first one's code, every message.
Error error_of(const std::vector<const stores::FetchedObject*>& failed) {
  const Error& first = failed.front()->file.error();
  std::vector<std::string> messages;
  std::optional<std::chrono::milliseconds> wait;
  for (const stores::FetchedObject* object : failed) {
    const Error& error = object->file.error();
    messages.push_back(cat("object '", object->id, "': ", error.message()));
    if (error.retry_after() > wait) wait = error.retry_after();
  }
  Error all(first.code(), join(messages, "\n"));
  if (wait) all.set_retry_after(*wait);
  return all;
}

// Equal versions mean equal contents; where those differ all the same (the number of a request in
// the whole answer of Vault), the file was not changed by anybody and must not be written anew.
bool same_as_before(const std::string& id, const stores::SecretFile& file,
                    const std::shared_ptr<const SecretSet>& last) {
  if (last == nullptr || file.version.empty()) return false;
  const auto held = last->files.find(id);
  return held != last->files.end() && held->second->version == file.version;
}

// The fetched files and those of the last set that did not change.
Result<std::shared_ptr<const SecretSet>> whole_set(stores::FetchResult fetched,
                                                   const std::shared_ptr<const SecretSet>& last) {
  std::vector<const stores::FetchedObject*> failed;
  for (const auto& object : fetched.objects) {
    if (!object.file.ok()) failed.push_back(&object);
  }
  if (!failed.empty()) return error_of(failed);
  auto set = std::make_shared<SecretSet>();
  for (const std::string& id : fetched.unchanged) {
    const bool held = last != nullptr && last->files.contains(id);
    if (!held) {
      return Error(ErrorCode::kInternal,
                   cat("the store says unchanged of object '", id, "', which nobody holds"));
    }
    set->files[id] = last->files.at(id);
  }
  for (auto& object : fetched.objects) {
    auto file = std::make_shared<const stores::SecretFile>(std::move(object.file).value());
    if (same_as_before(object.id, *file, last)) file = last->files.at(object.id);
    set->files[object.id] = std::move(file);
  }
  return std::shared_ptr<const SecretSet>(std::move(set));
}

}  // namespace

std::map<std::string, std::string> SecretSet::versions() const {
  std::map<std::string, std::string> versions;
  for (const auto& [id, file] : files) versions[id] = file->version;
  return versions;
}

Result<Fetcher::SetPtr> Fetcher::fetch(const Question& question) {
  const std::string key = key_of(question);
  return flights_.run(key, {question.deadline, question.stop}, [&] { return ask(question, key); });
}

Fetcher::SetPtr Fetcher::held(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = held_.find(key);
  return found == held_.end() ? nullptr : found->second;
}

Result<Fetcher::SetPtr> Fetcher::ask(const Question& question, const std::string& key) {
  const SetPtr last = held(key);
  const stores::FetchRequest request{
      question.pod,      question.spc,
      question.tokens,   last == nullptr ? std::map<std::string, std::string>() : last->versions(),
      question.deadline, question.stop};
  KF_ASSIGN(auto fetched, store_.fetch(request));
  const bool nothing_new =
      fetched.objects.empty() && last != nullptr && fetched.unchanged.size() == last->files.size();
  if (nothing_new) return last;
  KF_ASSIGN(SetPtr set, whole_set(std::move(fetched), last));
  const std::lock_guard lock(mutex_);
  held_[key] = set;
  return set;
}

}  // namespace keyferry::fetch
