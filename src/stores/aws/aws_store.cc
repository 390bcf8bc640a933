#include "stores/aws/aws_store.h"

#include <algorithm>

#include "base/strings.h"
#include "stores/aws/aws_files.h"

namespace keyferry::stores::aws {

namespace {

bool is_absent(const ObjectSpec& object, const Answer& answer) {
  return object.extras.optional && answer && !answer->ok() &&
         answer->error().code() == ErrorCode::kNotFound;
}

// A trouble of the region's, not of the question.
bool is_regions_trouble(const Error& error) {
  return error.code() == ErrorCode::kUnavailable || error.code() == ErrorCode::kDeadlineExceeded;
}

void add_files(const ObjectSpec& object, const Answer& answer,
               const std::map<std::string, std::string>& held_versions, FetchResult& result) {
  if (is_absent(object, answer)) {
    result.absent.push_back(object.file);
  } else if (!answer) {
    for (std::string& id : held_files(object, held_versions).ids) {
      result.unchanged.push_back(std::move(id));
    }
  } else {
    for (FetchedObject& file : files_of(object, *answer)) result.objects.push_back(std::move(file));
  }
}

std::vector<Answer> all_failed(std::size_t count, const Error& error) {
  std::vector<Answer> answers;
  for (std::size_t i = 0; i < count; ++i) answers.emplace_back(Result<Value>(error));
  return answers;
}

}  // namespace

struct AwsStore::Visit {
  const FetchRequest& request;
  const AwsConfig& config;
  AwsIdentity identity;
};

// Objects that ask for the same share one question.
struct AwsStore::Asked {
  std::vector<Question> questions;
  std::vector<std::size_t> of_object;  // the place of each object's question

  Asked(const std::vector<ObjectSpec>& objects, const std::map<std::string, std::string>& held) {
    for (const ObjectSpec& object : objects) add(object, held_files(object, held).version);
  }

  void add(const ObjectSpec& object, const std::string& held_version) {
    const auto same =
        std::find_if(questions.begin(), questions.end(), [&](const Question& question) {
          return question.type == object.type && question.query == object.query &&
                 question.failover == object.failover;
        });
    of_object.push_back(static_cast<std::size_t>(same - questions.begin()));
    if (same == questions.end()) {
      questions.push_back({object.type, object.query, object.failover, held_version});
    } else if (same->held_version != held_version) {
      same->held_version.clear();  // one of them has to be read
    }
  }

  // The question as it is asked in the other region, where an object may have another name.
  Question elsewhere(std::size_t place) const {
    Question other = questions[place];
    if (other.failover) other.query = *other.failover;
    return other;
  }
};

AwsStore::AwsStore(const StoreParts& parts)
    : http_(parts.http),
      clock_(parts.clock),
      environment_(parts.environment ? parts.environment
                                     : [](std::string_view) { return std::string(); }),
      endpoints_(endpoints_of_environment(environment_)),
      credentials_(http_, clock_) {}

Result<FetchResult> AwsStore::fetch(const FetchRequest& request) {
  const auto parsed = classes_.parsed(request.spc, parse_config);
  if (has_errors(parsed->problems)) {
    return Error(ErrorCode::kInvalidArgument, text_of_errors(parsed->problems));
  }
  const AwsConfig& config = parsed->config;
  Visit visit{request, config, {}};
  KF_ASSIGN(visit.identity, identity_of(request, config));

  const Asked asked(config.objects, request.held_versions);
  const bool has_other = !config.failover_region.empty();
  const Deadline first_ends = has_other ? half_of(request.deadline) : request.deadline;
  auto first = read(visit, visit.identity.region, asked.questions, first_ends);
  if (!first.ok() && !(has_other && is_regions_trouble(first.error()))) return first.error();
  std::vector<Answer> answers =
      first.ok() ? std::move(first).value() : all_failed(asked.questions.size(), first.error());
  if (has_other) read_elsewhere(visit, asked, answers);

  FetchResult result;
  for (std::size_t i = 0; i < config.objects.size(); ++i) {
    add_files(config.objects[i], answers[asked.of_object[i]], request.held_versions, result);
  }
  return result;
}

Result<AwsIdentity> AwsStore::identity_of(const FetchRequest& request,
                                          const AwsConfig& config) const {
  AwsIdentity identity{config.login,
                       request.pod.namespace_name,
                       request.pod.service_account,
                       config.region.empty() ? environment_("AWS_REGION") : config.region,
                       "",
                       request.pod.aws_role_arn,
                       config.assume_role_arn,
                       config.pod_identity_agents};
  if (identity.region.empty()) {
    return Error(ErrorCode::kFailedPrecondition,
                 "no region is known; name it in the parameter `region`, or set AWS_REGION");
  }
  if (config.login == AwsLogin::kPodIdentity) {
    identity.role_arn.clear();
  } else if (identity.role_arn.empty()) {
    return Error(
        ErrorCode::kFailedPrecondition,
        cat("service account '", request.pod.namespace_name, '/', request.pod.service_account,
            "' has no role; annotate it with eks.amazonaws.com/role-arn, or set "
            "usePodIdentity"));
  }
  return identity;
}

AwsEndpoints AwsStore::endpoints_for(const AwsConfig& config) const {
  AwsEndpoints endpoints = endpoints_;
  if (!config.endpoint_url.empty()) endpoints.overrides = {{"", config.endpoint_url}};
  return endpoints;
}

// What the first region could not give for reasons of its own is asked for in the second. Where
// that has nothing better to say, the first one's reason stands.
void AwsStore::read_elsewhere(const Visit& visit, const Asked& asked,
                              std::vector<Answer>& answers) {
  std::vector<std::size_t> places;
  std::vector<Question> questions;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i] || answers[i]->ok() || !is_regions_trouble(answers[i]->error())) continue;
    places.push_back(i);
    questions.push_back(asked.elsewhere(i));
  }
  if (places.empty()) return;
  auto read_there = read(visit, visit.config.failover_region, questions, visit.request.deadline);
  std::vector<Answer> others = read_there.ok() ? std::move(read_there).value()
                                               : all_failed(places.size(), read_there.error());
  for (std::size_t i = 0; i < places.size(); ++i) {
    Answer& first = answers[places[i]];
    if (!others[i] || others[i]->ok()) {
      first = std::move(others[i]);
    } else {
      first = Result<Value>(
          Error(first->error().code(),
                cat("region ", visit.identity.region, ": ", first->error().message(), "; region ",
                    visit.config.failover_region, ": ", others[i]->error().message())));
    }
  }
}

// A first region that hangs must leave time for the second.
Deadline AwsStore::half_of(Deadline deadline) const {
  constexpr Duration kForEver = std::chrono::hours(24);
  const Duration left = deadline.left(clock_);
  return left >= kForEver ? deadline : Deadline::in(clock_, left / 2);
}

Result<std::vector<Answer>> AwsStore::read(const Visit& visit, const std::string& region,
                                           const std::vector<Question>& questions,
                                           Deadline deadline) {
  const AwsEndpoints endpoints = endpoints_for(visit.config);
  AwsIdentity identity = visit.identity;
  identity.region = region;
  identity.sts_endpoint = endpoints.endpoint_of("sts", region);
  const ReaderParts parts{http_, clock_, credentials_, denials_};
  RegionReader reader(parts, std::move(identity), endpoints, visit.request.tokens,
                      {deadline, visit.request.stop, visit.request.priority});
  return reader.read(questions);
}

StoreKind kind() {
  return {"aws",
          [](const StoreParts& parts) -> std::unique_ptr<Store> {
            return std::make_unique<AwsStore>(parts);
          },
          [](const manifest::SecretProviderClass& spc) {
            ParsedConfig parsed = parse_config(spc);
            ParameterCheck check{std::move(parsed.problems), {}};
            for (const ObjectSpec& object : parsed.config.objects) {
              for (std::string& id : planned_files(object)) {
                check.files.push_back({std::move(id), object.line});
              }
              check.more_files = check.more_files || object.extras.expand_keys;
            }
            return check;
          }};
}

}  // namespace keyferry::stores::aws
