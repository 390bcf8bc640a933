#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "stores/store.h"

namespace keyferry::fetch {

// All files of one mount, taken in one look at the store; shared, never changed.
struct SecretSet {
  std::vector<stores::SecretFile> files;        // in the order of the SecretProviderClass
  std::map<std::string, std::string> versions;  // object id → version
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
  explicit Fetcher(stores::Store& store) : store_(store) {}

  // The answer is the set held already when the store says nothing changed. kCancelled: the stop
  // came while another caller's question was waited for.
  Result<std::shared_ptr<const SecretSet>> fetch(const Question& question);

 private:
  using Answer = Result<std::shared_ptr<const SecretSet>>;
  struct Flight {
    std::optional<Answer> answer;
    std::condition_variable_any landed;
  };

  Answer ask(const Question& question, const std::string& key);

  stores::Store& store_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Flight>> flights_;
  std::map<std::string, std::shared_ptr<const SecretSet>> held_;
};

}  // namespace keyferry::fetch
