#include "dev/aws/secrets_manager.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/strings.h"
#include "dev/vault_reply.h"

namespace keyferry::dev {
namespace {

constexpr std::string_view kCurrent = "AWSCURRENT";
constexpr std::string_view kPrevious = "AWSPREVIOUS";
constexpr std::size_t kArnSuffix = 7;  // "-" and six random characters
constexpr std::size_t kLongestName = 512;
constexpr std::size_t kLargestValue = 65536;
constexpr std::size_t kMostInBatch = 20;
constexpr std::chrono::hours kDay{24};

AwsReply invalid_request(std::string message) {
  return aws_refusal("InvalidRequestException", std::move(message));
}
AwsReply invalid_parameter(std::string message) {
  return aws_refusal("InvalidParameterException", std::move(message));
}
AwsReply not_there(std::string message) {
  return aws_refusal("ResourceNotFoundException", std::move(message));
}
AwsReply deleted_before() {
  return invalid_request(
      "You can't perform this operation on the secret because it was marked for deletion.");
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  std::string_view("-/_+=.@!").find(c) != std::string_view::npos;
         });
}

Json list_of(const std::set<std::string>& texts) { return Json::Array(texts.begin(), texts.end()); }

// Why the value of a call cannot be stored; empty when it can.
std::string value_problem(const AwsCall& call) {
  const Json* text = call.body.find("SecretString");
  const Json* binary = call.body.find("SecretBinary");
  if (text != nullptr && binary != nullptr)
    return "You can't specify both a binary secret value and a string secret value in the same "
           "secret.";
  if (text != nullptr && text->as_string() == nullptr) return "SecretString is not a string.";
  if (binary != nullptr && !base64_decode(call.text("SecretBinary")).ok())
    return "SecretBinary is not base64.";
  const std::size_t size =
      std::max(call.text("SecretString").size(), call.text("SecretBinary").size() / 4 * 3);
  if (size > kLargestValue)
    return cat(
        "1 validation error detected: the secret's value must have length less than or "
        "equal to ",
        kLargestValue);
  return {};
}

bool has_value(const AwsCall& call) {
  return call.body.find("SecretString") != nullptr || call.body.find("SecretBinary") != nullptr;
}

Json copy_of(const Json* json) { return json == nullptr ? Json() : *json; }

}  // namespace

struct SecretsManager::Operation {
  std::string_view name;
  Handler handler;
  bool on_deleted;  // whether a secret that waits for its deletion may be asked
};

const SecretsManager::Operation SecretsManager::kOperations[] = {
    {"GetSecretValue", &SecretsManager::value, false},
    {"DescribeSecret", &SecretsManager::describe, true},
    {"ListSecretVersionIds", &SecretsManager::versions, true},
    {"PutSecretValue", &SecretsManager::put_value, false},
    {"UpdateSecret", &SecretsManager::update, false},
    {"UpdateSecretVersionStage", &SecretsManager::move_stage, false},
    {"DeleteSecret", &SecretsManager::remove, true},
    {"RestoreSecret", &SecretsManager::restore, true},
};

SecretsManager::SecretsManager(std::string_view account, std::string_view region)
    : arn_prefix_(cat("arn:aws:secretsmanager:", region, ':', account, ":secret:")) {}

AwsReply SecretsManager::handle(const AwsCall& call) {
  if (call.operation == "CreateSecret") return create(call);
  if (call.operation == "BatchGetSecretValue") return batch(call);
  const auto* operation =
      std::find_if(std::begin(kOperations), std::end(kOperations),
                   [&](const Operation& one) { return one.name == call.operation; });
  if (operation == std::end(kOperations)) return aws_refusal("UnknownOperationException", "");
  const std::string_view id = call.text("SecretId");
  if (id.empty()) return invalid_parameter("You must provide a value for the SecretId parameter.");
  Entry* entry = find(id);
  const std::string action = cat("secretsmanager:", call.operation);
  const std::string resource = resource_of(id, entry);
  if (!call.allows(action, resource)) return aws_denial(call, action, resource);
  if (entry == nullptr) return not_there("Secrets Manager can't find the specified secret.");
  if (entry->deleted && !operation->on_deleted) return deleted_before();
  return (this->*operation->handler)(call, *entry);
}

void SecretsManager::put(const std::string& name, const Json& value, WallTime now) {
  Entry* entry = find(name);
  if (entry == nullptr) entry = &add(name, now);
  const std::string id = aws_uuid();
  Version version;
  version.text = value.as_string() != nullptr ? value : Json(to_text(value));
  version.created = now;
  entry->versions.emplace(id, std::move(version));
  give_stage(*entry, id, std::string(kCurrent));
}

SecretsManager::Entry* SecretsManager::find(std::string_view id) {
  if (!id.starts_with("arn:")) {
    const auto found = entries_.find(id);
    return found == entries_.end() ? nullptr : &found->second;
  }
  for (auto& [name, entry] : entries_) {
    const std::string_view arn = entry.arn;
    if (id == arn || id == arn.substr(0, arn.size() - kArnSuffix)) return &entry;
  }
  return nullptr;
}

std::string SecretsManager::resource_of(std::string_view id, const Entry* entry) const {
  if (entry != nullptr) return entry->arn;
  return id.starts_with("arn:") ? std::string(id) : cat(arn_prefix_, id);
}

SecretsManager::Entry& SecretsManager::add(const std::string& name, WallTime now) {
  Entry entry;
  entry.name = name;
  entry.arn = cat(arn_prefix_, name, '-', aws_mixed_id(kArnSuffix - 1));
  entry.created = entry.changed = now;
  return entries_.insert_or_assign(name, std::move(entry)).first->second;
}

// A stage is at one version at most. What AWSCURRENT leaves gets AWSPREVIOUS.
void SecretsManager::give_stage(Entry& entry, const std::string& id, const std::string& stage) {
  std::string before;
  for (auto& [other, version] : entry.versions) {
    if (version.stages.erase(stage) != 0 && other != id) before = other;
  }
  entry.versions.at(id).stages.insert(stage);
  if (stage == kCurrent && !before.empty()) give_stage(entry, before, std::string(kPrevious));
}

AwsReply SecretsManager::create(const AwsCall& call) {
  const std::string name(call.text("Name"));
  const std::string resource = resource_of(name, nullptr);
  if (!call.allows("secretsmanager:CreateSecret", resource))
    return aws_denial(call, "secretsmanager:CreateSecret", resource);
  if (!is_name(name)) {
    return aws_validation(
        "Invalid name. Must be a valid name containing alphanumeric characters, or any of the "
        "following: -/_+=.@!");
  }
  if (const Entry* there = find(name)) {
    return there->deleted ? invalid_request(
                                "You can't create this secret because a secret with this name is "
                                "already scheduled for deletion.")
                          : aws_refusal("ResourceExistsException",
                                        cat("The operation failed because the secret ", name,
                                            " already exists."));
  }
  if (const std::string problem = value_problem(call); !problem.empty())
    return invalid_parameter(problem);
  Entry& entry = add(name, call.now);
  entry.description = call.text("Description");
  if (has_value(call)) return add_version(call, entry, {std::string(kCurrent)});
  return aws_data(Json::Object{{"ARN", Json(entry.arn)}, {"Name", Json(entry.name)}});
}

AwsReply SecretsManager::add_version(const AwsCall& call, Entry& entry,
                                     std::set<std::string> stages) {
  if (const std::string problem = value_problem(call); !problem.empty())
    return invalid_parameter(problem);
  std::string id(call.text("ClientRequestToken"));
  if (id.empty()) id = aws_uuid();
  const Json text = copy_of(call.body.find("SecretString"));
  const Json binary = copy_of(call.body.find("SecretBinary"));
  const auto there = entry.versions.find(id);
  if (there != entry.versions.end() &&
      (there->second.text != text || there->second.binary != binary)) {
    return aws_refusal("ResourceExistsException",
                       "You can't use ClientRequestToken because that value is already in use for "
                       "a version of this secret with another value.");
  }
  if (there == entry.versions.end()) {
    if (entry.versions.empty()) stages.emplace(kCurrent);
    entry.versions.emplace(id, Version{text, binary, call.now, {}});
    for (const std::string& stage : stages) give_stage(entry, id, stage);
    entry.changed = call.now;
  }
  return aws_data(Json::Object{{"ARN", Json(entry.arn)},
                               {"Name", Json(entry.name)},
                               {"VersionId", Json(id)},
                               {"VersionStages", list_of(entry.versions.at(id).stages)}});
}

AwsReply SecretsManager::put_value(const AwsCall& call, Entry& entry) {
  if (!has_value(call))
    return invalid_request("You must provide either SecretString or SecretBinary.");
  const std::vector<std::string> stages = texts_of(call.body.find("VersionStages"));
  if (stages.empty()) return add_version(call, entry, {std::string(kCurrent)});
  return add_version(call, entry, {stages.begin(), stages.end()});
}

AwsReply SecretsManager::update(const AwsCall& call, Entry& entry) {
  if (call.body.find("Description") != nullptr) entry.description = call.text("Description");
  if (has_value(call)) return add_version(call, entry, {std::string(kCurrent)});
  return aws_data(Json::Object{{"ARN", Json(entry.arn)}, {"Name", Json(entry.name)}});
}

AwsReply SecretsManager::move_stage(const AwsCall& call, Entry& entry) {
  const std::string stage(call.text("VersionStage"));
  const std::string to(call.text("MoveToVersionId"));
  const std::string from(call.text("RemoveFromVersionId"));
  if (stage.empty()) return invalid_parameter("You must provide a value for VersionStage.");
  for (const std::string& id : {to, from}) {
    if (!id.empty() && !entry.versions.contains(id))
      return not_there(
          cat("Secrets Manager can't find the specified secret value for VersionId: ", id));
  }
  const auto holder = std::find_if(entry.versions.begin(), entry.versions.end(),
                                   [&](auto& one) { return one.second.stages.contains(stage); });
  if (holder != entry.versions.end() && holder->first != to && holder->first != from) {
    return invalid_parameter(cat("The parameter RemoveFromVersionId can't be empty. Staging label ",
                                 stage, " is currently attached to version ", holder->first,
                                 ", so you must explicitly reference that version in "
                                 "RemoveFromVersionId."));
  }
  if (!to.empty()) {
    give_stage(entry, to, stage);
  } else if (stage == kCurrent) {
    return invalid_parameter(
        "You can't remove the staging label AWSCURRENT from a version; move it.");
  } else if (!from.empty()) {
    entry.versions.at(from).stages.erase(stage);
  }
  entry.changed = call.now;
  return aws_data(Json::Object{{"ARN", Json(entry.arn)}, {"Name", Json(entry.name)}});
}

AwsReply SecretsManager::value(const AwsCall& call, Entry& entry) {
  const std::string id(call.text("VersionId"));
  const std::string stage(call.text("VersionStage"));
  const std::string wanted = stage.empty() && id.empty() ? std::string(kCurrent) : stage;
  const auto found = std::find_if(entry.versions.begin(), entry.versions.end(), [&](auto& one) {
    return id.empty() ? one.second.stages.contains(wanted) : one.first == id;
  });
  if (found == entry.versions.end()) {
    return not_there(cat("Secrets Manager can't find the specified secret value for ",
                         id.empty() ? "staging label: " : "VersionId: ", id.empty() ? wanted : id));
  }
  const Version& version = found->second;
  if (!wanted.empty() && !version.stages.contains(wanted)) {
    return invalid_request(
        "You provided a VersionStage that is not associated to the provided VersionId.");
  }
  Json::Object body{{"ARN", Json(entry.arn)},
                    {"Name", Json(entry.name)},
                    {"VersionId", Json(found->first)},
                    {"VersionStages", list_of(version.stages)},
                    {"CreatedDate", aws_json_time(version.created)}};
  if (!version.text.is_null()) body.emplace("SecretString", version.text);
  if (!version.binary.is_null()) body.emplace("SecretBinary", version.binary);
  return aws_data(std::move(body));
}

AwsReply SecretsManager::describe(const AwsCall&, Entry& entry) {
  Json::Object stages;
  for (const auto& [id, version] : entry.versions) {
    if (!version.stages.empty()) stages.emplace(id, list_of(version.stages));
  }
  Json::Object body{{"ARN", Json(entry.arn)},
                    {"Name", Json(entry.name)},
                    {"CreatedDate", aws_json_time(entry.created)},
                    {"LastChangedDate", aws_json_time(entry.changed)},
                    {"VersionIdsToStages", Json(std::move(stages))}};
  if (!entry.description.empty()) body.emplace("Description", entry.description);
  if (entry.deleted) body.emplace("DeletedDate", aws_json_time(*entry.deleted));
  return aws_data(std::move(body));
}

AwsReply SecretsManager::versions(const AwsCall& call, Entry& entry) {
  Json::Array list;
  for (const auto& [id, version] : entry.versions) {
    if (version.stages.empty() && !call.is_set("IncludeDeprecated")) continue;
    list.push_back(Json::Object{{"VersionId", Json(id)},
                                {"VersionStages", list_of(version.stages)},
                                {"CreatedDate", aws_json_time(version.created)}});
  }
  return aws_data(Json::Object{
      {"ARN", Json(entry.arn)}, {"Name", Json(entry.name)}, {"Versions", Json(std::move(list))}});
}

AwsReply SecretsManager::remove(const AwsCall& call, Entry& entry) {
  const Json* window = call.body.find("RecoveryWindowInDays");
  const std::int64_t days = seconds_of(window, 30);
  const bool force = call.is_set("ForceDeleteWithoutRecovery");
  if (window != nullptr && force)
    return invalid_parameter(
        "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
  if (days < 7 || days > 30)
    return invalid_parameter(
        "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).");
  if (entry.deleted && !force) return deleted_before();
  const WallTime when = force ? call.now : call.now + days * kDay;
  const Json answer = Json::Object{
      {"ARN", Json(entry.arn)}, {"Name", Json(entry.name)}, {"DeletionDate", aws_json_time(when)}};
  if (force) {
    entries_.erase(std::string(entry.name));
  } else {
    entry.deleted = when;
  }
  return aws_data(answer);
}

AwsReply SecretsManager::restore(const AwsCall&, Entry& entry) {
  entry.deleted.reset();
  return aws_data(Json::Object{{"ARN", Json(entry.arn)}, {"Name", Json(entry.name)}});
}

// One secret of a batch: its value, or the refusal it alone gets.
AwsReply SecretsManager::batch_entry(const AwsCall& call, const std::string& id) {
  AwsCall one = call;
  one.operation = "GetSecretValue";
  one.body = Json::Object{{"SecretId", Json(id)}};
  return handle(one);
}

AwsReply SecretsManager::batch(const AwsCall& call) {
  constexpr std::string_view kAction = "secretsmanager:BatchGetSecretValue";
  if (!call.allows(kAction, "*")) return aws_denial(call, kAction, "*");
  const std::vector<std::string> ids = texts_of(call.body.find("SecretIdList"));
  if (ids.empty())
    return invalid_parameter("You must provide SecretIdList; filters are not known here.");
  if (ids.size() > kMostInBatch)
    return aws_validation(
        cat("1 validation error detected: Value at 'secretIdList' failed to "
            "satisfy constraint: Member must have length less than or equal to ",
            kMostInBatch));
  Json::Array values, errors;
  for (const std::string& id : ids) {
    AwsReply reply = batch_entry(call, id);
    if (reply.refused()) {
      errors.push_back(Json::Object{{"SecretId", Json(id)},
                                    {"ErrorCode", Json(reply.code)},
                                    {"Message", Json(reply.message)}});
    } else {
      values.push_back(std::move(reply.body));
    }
  }
  return aws_data(
      Json::Object{{"SecretValues", Json(std::move(values))}, {"Errors", Json(std::move(errors))}});
}

}  // namespace keyferry::dev
