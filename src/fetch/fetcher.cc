#include "fetch/fetcher.h"

#include <utility>

#include "base/strings.h"

namespace keyferry::fetch {

namespace {

// One volume: a pod's, of a class of that name.
std::string user_of(const Question& question) {
  return cat(question.pod.pod_uid, '\n', question.pod.namespace_name, '\n', question.pod.pod_name,
             '\n', question.spc.meta.namespace_name, '\n', question.spc.meta.name);
}

stores::FetchRequest request_of(const Question& question,
                                std::map<std::string, std::string> held_versions) {
  return {question.pod,      question.spc,  question.tokens,   std::move(held_versions),
          question.deadline, question.stop, question.priority, question.secrets};
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

// Everything the answer depends on. The parameters are part of it: an edited class is another
// question, whatever its name. So are the volume's secrets, of which nothing can be read here.
std::string Fetcher::key_of(const Question& question) const {
  const stores::PodIdentity& pod = question.pod;
  std::string key = cat(pod.namespace_name, '\n', pod.service_account, '\n', pod.aws_role_arn, '\n',
                        question.spc.provider, '\n');
  for (const auto& [name, parameter] : question.spc.parameters) {
    key += cat(name.size(), ':', name, parameter.value.size(), ':', parameter.value);
  }
  if (question.secrets == nullptr) return key;
  for (const auto& [name, value] : *question.secrets) {
    key += cat(name.size(), ':', name, digests_.of({value.expose()}));
  }
  return key;
}

Result<Answer> Fetcher::fetch(const Question& question) {
  const std::string key = key_of(question);
  use(key, user_of(question));
  store_.use(request_of(question, {}));
  const Duration freshness = question.freshness.value_or(freshness_);
  if (const auto answer = fresh(key, freshness)) return *answer;
  return flights_.run(key, {question.deadline, question.stop}, [&]() -> Result<Answer> {
    if (const auto answer = fresh(key, freshness)) return *answer;  // landed a moment ago
    return ask(question, key);
  });
}

Status Fetcher::release(const Question& question) {
  const std::string user = user_of(question);
  {
    const std::lock_guard lock(mutex_);
    const auto known = keys_.find(user);
    disuse(known == keys_.end() ? key_of(question) : known->second, user);
    if (known != keys_.end()) keys_.erase(known);
  }
  return store_.release(request_of(question, {}));
}

// A user asks one question at a time: with an edited class it does without the old one's answer.
void Fetcher::use(const std::string& key, const std::string& user) {
  const std::lock_guard lock(mutex_);
  auto& current = keys_[user];
  if (!current.empty() && current != key) disuse(current, user);
  current = key;
  held_[key].users.insert(user);
}

void Fetcher::disuse(const std::string& key, const std::string& user) {
  const auto found = held_.find(key);
  if (found == held_.end()) return;
  found->second.users.erase(user);
  if (found->second.users.empty()) held_.erase(found);
}

std::optional<Answer> Fetcher::fresh(const std::string& key, Duration freshness) {
  const std::lock_guard lock(mutex_);
  const auto found = held_.find(key);
  if (found == held_.end() || found->second.answer.set == nullptr) return std::nullopt;
  const Held& held = found->second;
  const SteadyTime now = clock_.steady_now();
  const bool is_wanted = held.answer.look_again_at && now >= *held.answer.look_again_at;
  if (is_wanted || now - held.asked_at >= freshness) return std::nullopt;
  return held.answer;
}

std::shared_ptr<const SecretSet> Fetcher::held(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = held_.find(key);
  return found == held_.end() ? nullptr : found->second.answer.set;
}

Result<Answer> Fetcher::ask(const Question& question, const std::string& key) {
  const auto last = held(key);
  const SteadyTime asked_at = clock_.steady_now();
  KF_ASSIGN(auto fetched,
            store_.fetch(request_of(question, last == nullptr ? std::map<std::string, std::string>()
                                                              : last->versions())));
  Answer answer{last, std::nullopt};
  if (fetched.look_again_in) answer.look_again_at = clock_.steady_now() + *fetched.look_again_in;
  const bool nothing_new =
      fetched.objects.empty() && last != nullptr && fetched.unchanged.size() == last->files.size();
  if (!nothing_new) {
    KF_ASSIGN(answer.set, whole_set(std::move(fetched), last));
  }
  const std::lock_guard lock(mutex_);
  const auto found = held_.find(key);
  if (found != held_.end()) {  // else nobody waits for it any more
    found->second.answer = answer;
    found->second.asked_at = asked_at;
  }
  return answer;
}

}  // namespace keyferry::fetch
