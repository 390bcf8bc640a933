#include "stores/aws/aws_reader.h"

#include <algorithm>
#include <set>

#include "base/strings.h"
#include "identity/aws_error.h"
#include "identity/sigv4.h"
#include "net/digest.h"
#include "net/retry.h"

namespace keyferry::stores::aws {

namespace {

constexpr auto kLongestRequest = std::chrono::seconds(20);
constexpr std::string_view kSecrets = "secretsmanager";
constexpr std::string_view kParameters = "ssm";

// An object whose version is named is what is held of it for good.
bool is_pinned_and_held(const Question& question) {
  return !question.held_version.empty() && question.query.version == question.held_version;
}

// Not of the object that was asked for.
bool is_services_trouble(const Error& error) {
  switch (error.code()) {
    case ErrorCode::kUnavailable:
    case ErrorCode::kDeadlineExceeded:
    case ErrorCode::kResourceExhausted:
    case ErrorCode::kCancelled:
      return true;
    default:
      return false;
  }
}

bool is_plain(const ObjectQuery& query) { return query.version.empty() && query.label.empty(); }

}  // namespace

bool Denials::contains(const std::string& action_and_identity) {
  const std::lock_guard lock(mutex_);
  const auto found = denied_.find(action_and_identity);
  return found != denied_.end() && clock_.steady_now() < found->second;
}

void Denials::add(const std::string& action_and_identity) {
  constexpr auto kBelievedFor = std::chrono::minutes(30);
  const SteadyTime now = clock_.steady_now();
  const std::lock_guard lock(mutex_);
  prune_.before_insertion(denied_, [now](const auto& entry) { return entry.second <= now; });
  denied_[action_and_identity] = now + kBelievedFor;
}

Result<std::vector<Answer>> RegionReader::read(const std::vector<Question>& questions) {
  questions_ = &questions;
  answers_ = std::vector<Answer>(questions.size());
  if (std::all_of(questions.begin(), questions.end(), is_pinned_and_held)) {
    return std::move(answers_);
  }
  KF_TRY(parts_.credentials.credentials(identity_, tokens_, patience_));
  Places secrets;
  Places parameters;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    if (is_current(questions[i])) continue;
    (questions[i].type == ObjectType::kSecret ? secrets : parameters).push_back(i);
  }
  read_secrets(secrets);
  read_parameters(std::move(parameters));
  return std::move(answers_);
}

// Whether the held version is what the question asks for. A pinned one is by definition; whether a
// secret's is told without its value. Whatever stands in the way of that, the value is read.
bool RegionReader::is_current(const Question& question) {
  if (question.held_version.empty()) return false;
  if (!question.query.version.empty()) return is_pinned_and_held(question);
  const std::string denial =
      cat(denial_key("secretsmanager:DescribeSecret"), '\n', question.query.id);
  if (question.type == ObjectType::kParameter || parts_.denials.contains(denial)) return false;
  const auto answer = ask(kSecrets, describe_secret_request(endpoint_of(kSecrets), question.query));
  if (!answer.ok()) {
    if (answer.error().code() == ErrorCode::kPermissionDenied) parts_.denials.add(denial);
    return false;
  }
  const auto current = read_is_current(*answer, question.query, question.held_version);
  return current.ok() && *current;
}

void RegionReader::read_secrets(const Places& places) {
  Places plain;
  const bool batches = !parts_.denials.contains(denial_key("secretsmanager:BatchGetSecretValue"));
  for (const std::size_t place : places) {
    if (batches && is_plain((*questions_)[place].query)) plain.push_back(place);
  }
  for (std::size_t at = 0; plain.size() > 1 && at < plain.size(); at += kSecretsInBatch) {
    const auto end = std::min(plain.size(), at + kSecretsInBatch);
    read_secret_batch(Places(plain.begin() + static_cast<std::ptrdiff_t>(at),
                             plain.begin() + static_cast<std::ptrdiff_t>(end)));
  }
  for (const std::size_t place : places) {
    if (!answers_[place]) read_secret(place);
  }
}

// What a batch leaves out, or refuses as a whole, is asked for one by one: only then is it said
// why.
void RegionReader::read_secret_batch(const Places& places) {
  std::vector<ObjectQuery> queries;
  for (const std::size_t place : places) queries.push_back((*questions_)[place].query);
  constexpr std::string_view kAction = "secretsmanager:BatchGetSecretValue";
  const auto answer = ask(kSecrets, secret_batch_request(endpoint_of(kSecrets), queries));
  if (!answer.ok()) {
    const bool denied = answer.error().code() == ErrorCode::kPermissionDenied;
    if (denied) parts_.denials.add(denial_key(kAction));
    return;
  }
  auto values = aws::read_secret_batch(*answer, queries);
  if (!values.ok()) return;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if ((*values)[i] && (*values)[i]->ok()) answers_[places[i]] = std::move((*values)[i]);
  }
}

void RegionReader::read_secret(std::size_t place) {
  const ObjectQuery& query = (*questions_)[place].query;
  constexpr std::string_view kAction = "secretsmanager:GetSecretValue";
  const auto answer = ask(kSecrets, secret_value_request(endpoint_of(kSecrets), query));
  answers_[place] = answer.ok() ? read_secret_value(*answer)
                                : Result<Value>(advised(answer.error(), kAction, query.id));
}

// Ten at a time, and no name twice in one request.
void RegionReader::read_parameters(Places places) {
  while (!places.empty()) {
    Places batch;
    std::set<std::string> names;
    std::erase_if(places, [&](std::size_t place) {
      const bool taken = batch.size() < kParametersInBatch &&
                         names.insert(parameter_name_of((*questions_)[place].query)).second;
      if (taken) batch.push_back(place);
      return taken;
    });
    read_parameter_batch(batch);
  }
}

void RegionReader::read_parameter_batch(const Places& places) {
  std::vector<ObjectQuery> queries;
  for (const std::size_t place : places) queries.push_back((*questions_)[place].query);
  constexpr std::string_view kAction = "ssm:GetParameters";
  const auto answer = ask(kParameters, parameters_request(endpoint_of(kParameters), queries));
  auto values = answer.ok() ? aws::read_parameters(*answer, queries)
                            : Result<std::vector<Result<Value>>>(answer.error());
  for (std::size_t i = 0; i < places.size(); ++i) {
    Result<Value> value = values.ok() ? std::move((*values)[i]) : Result<Value>(values.error());
    if (!value.ok()) value = advised(value.error(), kAction, queries[i].id);
    answers_[places[i]] = std::move(value);
  }
}

// Where the service is in trouble, or asks for less, after all tries, the rest is not asked for:
// every object has that one reason.
Result<Response> RegionReader::ask(std::string_view service, const Request& request) {
  const auto known = troubles_.find(service);
  if (known != troubles_.end()) return known->second;
  auto answer = ask_with_login(service, request);
  if (!answer.ok() && is_services_trouble(answer.error())) {
    troubles_.emplace(service, answer.error());
  }
  return answer;
}

// Credentials that were taken back behind our back are got anew, once.
Result<Response> RegionReader::ask_with_login(std::string_view service, const Request& request) {
  for (int login = 1;; ++login) {
    KF_ASSIGN(const auto credentials,
              parts_.credentials.credentials(identity_, tokens_, patience_));
    KF_ASSIGN(Response answer,
              send_signed(service, request, *credentials)
                  .with_remedy(cat("is ", endpoint_of(service), " reachable from here?")));
    if (answer.status < 400) return answer;
    // A signature that does not match is told with all that was signed, the token too.
    Error error = aws_error_of(answer, parts_.clock.wall_now()).without(credentials->session_token);
    if (error.code() != ErrorCode::kUnauthenticated || login == 2) return error;
    parts_.credentials.forget(identity_, credentials);
  }
}

// Every try is signed anew: a signature is good for a few minutes.
Result<Response> RegionReader::send_signed(std::string_view service, const Request& request,
                                           const AwsCredentials& credentials) {
  const RetryScope scope{parts_.clock, patience_.deadline, patience_.stop, random_share};
  const RepeatedExchange repeated{
      [&](Deadline deadline) -> Result<Response> {
        Request signed_one = copy_of(request);
        signed_one.stop = patience_.stop;
        signed_one.priority = patience_.priority;
        signed_one.asks_for_less = aws_asks_for_less;
        const sigv4::Scope where{identity_.region, std::string(service), parts_.clock.wall_now()};
        KF_TRY(sign(signed_one, credentials, where, sigv4::PathRule::kEncodedAgain));
        return parts_.http.send(signed_one, deadline);
      },
      [&](const Response& answer) {
        return aws_complaint_worth_a_retry(answer, parts_.clock.wall_now());
      },
      kLongestRequest};
  return exchange_with_retries(RetryPolicy(), scope, repeated);
}

std::string RegionReader::endpoint_of(std::string_view service) const {
  return endpoints_.endpoint_of(service, identity_.region);
}

std::string RegionReader::denial_key(std::string_view action) const {
  return cat(action, '\n', identity_.region, '\n', identity_.namespace_name, '\n',
             identity_.service_account, '\n', identity_.role_arn, '\n', identity_.assume_role_arn);
}

// The error with what it is about and what an operator has to change.
Error RegionReader::advised(const Error& bare, std::string_view action,
                            const std::string& name) const {
  Error error = bare.with_context(name);
  const std::string& role =
      identity_.assume_role_arn.empty() ? identity_.role_arn : identity_.assume_role_arn;
  const std::string who = role.empty() ? "the pod identity association's role" : role;
  switch (error.code()) {
    case ErrorCode::kPermissionDenied:
      if (to_lower(error.message()).find("kms") != std::string::npos) {
        return error.with_remedy(cat("allow kms:Decrypt on the key of ", name, " to ", who));
      }
      return error.with_remedy(cat("allow ", action, " on ", name, " to ", who));
    case ErrorCode::kNotFound:
      return error.with_remedy(cat("create it in ", identity_.region,
                                   ", or correct objectName, objectVersion or region"));
    case ErrorCode::kFailedPrecondition:
      return error.with_remedy(cat("restore ", name, ", or take it out of the objects"));
    case ErrorCode::kResourceExhausted:
      return error.with_remedy(cat("look less often, or raise the account's quota of ", action));
    case ErrorCode::kUnavailable:
      return error.with_remedy(cat(
          "it is asked again; if it lasts, look at the service's health in ", identity_.region));
    default:
      return error;
  }
}

}  // namespace keyferry::stores::aws
