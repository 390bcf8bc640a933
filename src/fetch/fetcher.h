#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "base/single_flight.h"
#include "net/digest.h"
#include "stores/store.h"

namespace keyferry::fetch {

// All files of one mount, taken in one look at the store; shared, never changed.
struct SecretSet {
  // By object id; a file that did not change is shared with the set before.
  std::map<std::string, std::shared_ptr<const stores::SecretFile>> files;

  std::map<std::string, std::string> versions() const;  // object id → version
};

struct Question {
  stores::PodIdentity pod;
  const manifest::SecretProviderClass& spc;
  TokenSource& tokens;
  Deadline deadline;
  std::stop_token stop;
  RequestPriority priority = RequestPriority::kNormal;
  std::shared_ptr<const stores::PublishSecrets> secrets{};
  std::optional<Duration> freshness{};  // how old an answer may be; else as the fetcher has it
};

struct Answer {
  std::shared_ptr<const SecretSet> set;
  // When the store wants to be looked at before the next poll: a lease, a password that rotates.
  std::optional<SteadyTime> look_again_at;
};

// Asks one store for whole sets: all objects, or one Error that names every object that failed and
// why. Never part of a set. Who asks on behalf of the same identity (namespace and service account,
// not pod) with the same class shares one answer: while it is on its way, and as long as it is
// fresh. Two identities never do. Any thread may call; no lock is held while the store is asked.
class Fetcher {
 public:
  // An answer that is no older than `freshness` is given again without asking.
  Fetcher(stores::Store& store, Clock& clock, Duration freshness = Duration::zero())
      : store_(store), clock_(clock), freshness_(freshness), flights_(clock) {}

  // The answer is the set held already when the store says nothing changed. kCancelled,
  // kDeadlineExceeded: the caller's own patience ended.
  Result<Answer> fetch(const Question& question);

  // The pod's volume is gone. With the last pod of an identity and class their set is forgotten;
  // the store gives back what it holds for no other volume: best effort.
  Status release(const Question& question);

  // Questions with equal keys share an answer. Not for anybody's eyes.
  std::string key_of(const Question& question) const;

  // How many callers wait for another one's answer just now; for tests.
  std::size_t waiting() const { return flights_.waiting(); }

 private:
  struct Held {
    Answer answer;
    SteadyTime asked_at{};
    std::set<std::string> users;
  };

  void use(const std::string& key, const std::string& user);
  void disuse(const std::string& key, const std::string& user);
  std::optional<Answer> fresh(const std::string& key, Duration freshness);
  std::shared_ptr<const SecretSet> held(const std::string& key);
  Result<Answer> ask(const Question& question, const std::string& key);

  stores::Store& store_;
  Clock& clock_;
  const Duration freshness_;
  const HmacSha256 digests_{random_bytes(32)};
  SingleFlight<Answer> flights_;
  std::mutex mutex_;
  std::map<std::string, Held> held_;
  std::map<std::string, std::string> keys_;  // user → what it asks
};

}  // namespace keyferry::fetch
