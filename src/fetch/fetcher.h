#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/single_flight.h"
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
};

// Asks one store for whole sets: all objects, or one Error that names every object that failed and
// why. Never part of a set. Callers that ask the same question (identity and class) while it is on
// its way share one answer. Any thread may call; no lock is held while the store is asked.
class Fetcher {
 public:
  Fetcher(stores::Store& store, Clock& clock) : store_(store), flights_(clock) {}

  // The answer is the set held already when the store says nothing changed. kCancelled,
  // kDeadlineExceeded: the caller's own patience ended.
  Result<std::shared_ptr<const SecretSet>> fetch(const Question& question);

  // How many callers wait for another one's answer just now; for tests.
  std::size_t waiting() const { return flights_.waiting(); }

 private:
  using SetPtr = std::shared_ptr<const SecretSet>;

  Result<SetPtr> ask(const Question& question, const std::string& key);
  SetPtr held(const std::string& key);

  stores::Store& store_;
  SingleFlight<SetPtr> flights_;
  std::mutex mutex_;
  std::map<std::string, SetPtr> held_;
};

}  // namespace keyferry::fetch
