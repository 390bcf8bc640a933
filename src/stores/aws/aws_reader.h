#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/doubling_prune.h"
#include "base/patience.h"
#include "stores/aws/aws_wire.h"
#include "stores/store.h"

namespace keyferry::stores::aws {

// One distinct thing to read, however many objects want it.
struct Question {
  ObjectType type = ObjectType::kSecret;
  ObjectQuery query;
  std::optional<ObjectQuery> failover;  // what it is in the other region; else the same
  std::string held_version;             // "" when nothing of it is held
};

// Its value, or nothing where the held version is the current one.
using Answer = std::optional<Result<Value>>;

// What was learnt about an identity for its next reads: that it must not ask for many at once, or
// for the version of a secret without its value. Believed for half an hour: policies are changed.
// Any thread may call.
class Denials {
 public:
  explicit Denials(Clock& clock) : clock_(clock) {}
  bool contains(const std::string& action_and_identity);
  void add(const std::string& action_and_identity);

 private:
  Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, SteadyTime> denied_;  // until when
  DoublingPrune prune_;
};

struct ReaderParts {
  Http& http;
  Clock& clock;
  AwsCredentialSource& credentials;
  Denials& denials;
};

// Reads for one identity in one region, with as few requests as the questions allow: a pinned
// version that is held needs none; a held secret is described first; values are asked for twenty
// secrets or ten parameters at a time.
class RegionReader {
 public:
  RegionReader(const ReaderParts& parts, AwsIdentity identity, AwsEndpoints endpoints,
               TokenSource& tokens, Patience patience)
      : parts_(parts),
        identity_(std::move(identity)),
        endpoints_(std::move(endpoints)),
        tokens_(tokens),
        patience_(std::move(patience)) {}

  // One answer for each question, in their order. An Error where nothing could be asked for lack of
  // credentials.
  Result<std::vector<Answer>> read(const std::vector<Question>& questions);

 private:
  using Places = std::vector<std::size_t>;  // of questions

  bool is_current(const Question& question);
  void read_secrets(const Places& places);
  void read_secret_batch(const Places& places);
  void read_secret(std::size_t place);
  void read_parameters(Places places);
  void read_parameter_batch(const Places& places);

  Result<Response> ask(std::string_view service, const Request& request);
  Result<Response> ask_with_login(std::string_view service, const Request& request);
  Result<Response> send_signed(std::string_view service, const Request& request,
                               const AwsCredentials& credentials);
  std::string endpoint_of(std::string_view service) const;
  std::string denial_key(std::string_view action) const;
  Error advised(const Error& bare, std::string_view action, const std::string& name) const;

  const ReaderParts& parts_;
  const AwsIdentity identity_;
  const AwsEndpoints endpoints_;
  TokenSource& tokens_;
  const Patience patience_;
  const std::vector<Question>* questions_ = nullptr;
  std::vector<Answer> answers_;
  std::map<std::string, Error, std::less<>> troubles_;  // by service
};

}  // namespace keyferry::stores::aws
