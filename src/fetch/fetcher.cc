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

Result<std::shared_ptr<const SecretSet>> whole_set(stores::FetchResult fetched) {
  std::vector<const stores::FetchedObject*> failed;
  for (const auto& object : fetched.objects) {
    if (!object.file.ok()) failed.push_back(&object);
  }
  if (!failed.empty()) return error_of(failed);
  auto set = std::make_shared<SecretSet>();
  for (auto& object : fetched.objects) {
    set->versions[object.id] = object.file->version;
    set->files.push_back(std::move(object.file).value());
  }
  return std::shared_ptr<const SecretSet>(std::move(set));
}

}  // namespace

Result<std::shared_ptr<const SecretSet>> Fetcher::fetch(const Question& question) {
  const std::string key = key_of(question);
  std::unique_lock lock(mutex_);
  auto& flight = flights_[key];
  if (flight != nullptr) {
    const auto shared = flight;
    shared->landed.wait(lock, question.stop, [&] { return shared->answer.has_value(); });
    if (shared->answer) return *shared->answer;
    return Error(ErrorCode::kCancelled, "stopped while the store was asked");
  }
  flight = std::make_shared<Flight>();
  const auto mine = flight;
  lock.unlock();

  Answer answer = ask(question, key);

  lock.lock();
  if (answer.ok()) held_[key] = *answer;
  mine->answer = answer;
  flights_.erase(key);
  lock.unlock();
  mine->landed.notify_all();
  return answer;
}

Fetcher::Answer Fetcher::ask(const Question& question, const std::string& key) {
  std::shared_ptr<const SecretSet> held;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = held_.find(key); found != held_.end()) held = found->second;
  }
  stores::FetchRequest request{
      question.pod,      question.spc,
      question.tokens,   held == nullptr ? std::map<std::string, std::string>() : held->versions,
      question.deadline, question.stop};
  auto fetched = store_.fetch(request);
  if (!fetched.ok()) return std::move(fetched).error();
  if (fetched->freshness == stores::Freshness::kUnchanged) {
    if (held != nullptr) return held;
    return Error(ErrorCode::kInternal, "the store says unchanged of a set that nobody holds");
  }
  return whole_set(std::move(fetched).value());
}

}  // namespace keyferry::fetch
