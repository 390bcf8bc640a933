#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "dev/aws/aws_reply.h"
#include "formats/json.h"

namespace keyferry::dev {

// AWS Secrets Manager of one account in one region: secrets with versions, their staging labels and
// deletion, answering what its API reference says. Not thread-safe.
class SecretsManager {
 public:
  SecretsManager(std::string_view account, std::string_view region);

  AwsReply handle(const AwsCall& call);
  // As a seed does: a first version, or a new current one. An object becomes its JSON text.
  void put(const std::string& name, const Json& value, WallTime now);

 private:
  struct Version {
    Json text;    // SecretString, or null
    Json binary;  // SecretBinary in base64, or null
    WallTime created;
    std::set<std::string> stages;
  };
  struct Entry {
    std::string name, arn, description;
    std::map<std::string, Version> versions;  // by VersionId
    WallTime created, changed;
    std::optional<WallTime> deleted;  // may be restored until then
  };
  using Handler = AwsReply (SecretsManager::*)(const AwsCall&, Entry&);
  struct Operation;
  static const Operation kOperations[];

  AwsReply create(const AwsCall& call);
  AwsReply batch(const AwsCall& call);
  AwsReply put_value(const AwsCall& call, Entry& entry);
  AwsReply update(const AwsCall& call, Entry& entry);
  AwsReply move_stage(const AwsCall& call, Entry& entry);
  AwsReply value(const AwsCall& call, Entry& entry);
  AwsReply describe(const AwsCall& call, Entry& entry);
  AwsReply versions(const AwsCall& call, Entry& entry);
  AwsReply remove(const AwsCall& call, Entry& entry);
  AwsReply restore(const AwsCall& call, Entry& entry);

  // By name, ARN, or ARN without its six random characters.
  Entry* find(std::string_view id);
  // What a policy is asked about, whether or not the secret is there.
  std::string resource_of(std::string_view id, const Entry* entry) const;
  Entry& add(const std::string& name, WallTime now);
  AwsReply add_version(const AwsCall& call, Entry& entry, std::set<std::string> stages);
  static void give_stage(Entry& entry, const std::string& id, const std::string& stage);
  AwsReply batch_entry(const AwsCall& call, const std::string& id);

  std::string arn_prefix_;
  std::map<std::string, Entry, std::less<>> entries_;  // by name
};

}  // namespace keyferry::dev
