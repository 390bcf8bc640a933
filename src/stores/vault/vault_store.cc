#include "stores/vault/vault_store.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/strings.h"
#include "stores/vault/vault_environment.h"

namespace keyferry::stores::vault {

namespace {

// Sooner than this nothing is looked at again, whatever a server says.
constexpr Duration kSoonest = std::chrono::milliseconds(200);

void sooner(std::optional<Duration>& wait, Duration other) {
  other = std::max(other, kSoonest);
  if (!wait || other < *wait) wait = other;
}

}  // namespace

Result<FetchResult> VaultStore::fetch(const FetchRequest& request) {
  const auto read = parsed(request);
  if (has_errors(read->problems)) {
    return Error(ErrorCode::kInvalidArgument, text_of_errors(read->problems));
  }
  Visit visit{request, read->config};
  KF_TRY(sessions_.join(visit));
  FetchResult result = look(visit);
  if (visit.is_outdated) result = look(visit);
  sessions_.part(visit);
  return result;
}

// What is wrong with a value of the environment is said of the parameter in whose place it stands.
std::shared_ptr<const ParsedConfig> VaultStore::parsed(const FetchRequest& request) {
  const auto filled = filled_by(environment_, request.spc);
  auto read = classes_.parsed(filled ? filled->spc : request.spc, parse_config);
  if (!filled || !has_errors(read->problems)) return read;
  auto explained = std::make_shared<ParsedConfig>(*read);
  for (Problem& problem : explained->problems) {
    problem.remedy += cat(problem.remedy.empty() ? "" : "; ", "of the environment came ",
                          join(filled->variables, ", "));
  }
  return explained;
}

FetchResult VaultStore::look(Visit& visit) {
  const SteadyTime now = clock_.steady_now();
  std::map<std::string, Result<AnswerPtr>> answers;  // one per distinct request
  FetchResult result;
  for (const ObjectSpec& object : visit.config.objects) {
    const std::string key = request_key(object);
    auto found = answers.find(key);
    if (found == answers.end()) {
      found = answers.emplace(key, answers_.answer(visit, object)).first;
      if (visit.session->made(key, now) != nullptr) visit.has_used_made = true;
    }
    add_files(object, found->second, result);
  }
  result.look_again_in = next_look(visit, answers);
  return result;
}

// A lease to be renewed and the token it belongs to, a password that the engine changes by itself.
std::optional<Duration> VaultStore::next_look(
    const Visit& visit, const std::map<std::string, Result<AnswerPtr>>& answers) const {
  const SteadyTime now = clock_.steady_now();
  std::optional<Duration> wait;
  for (const auto& [request, answer] : answers) {
    if (!answer.ok()) continue;
    if (const MadeAnswerPtr made = visit.session->made(request, now)) {
      if (made->term.look_at != SteadyTime::max()) sooner(wait, made->term.look_at - now);
      const Term token = visit.session->term();
      if (token.look_at != SteadyTime::max()) sooner(wait, token.look_at - now);
    } else if (const auto rotation = rotates_in(**answer)) {
      sooner(wait, *rotation + std::chrono::seconds(1));
    }
  }
  return wait;
}

void VaultStore::use(const FetchRequest& request) {
  const auto read = parsed(request);
  if (!has_errors(read->problems)) sessions_.use(request, read->config);
}

Status VaultStore::release(const FetchRequest& request) {
  return sessions_.leave(request, parsed(request)->config);
}

// An optional object that is not there is no error, nor is one whose secretKey is not.
void VaultStore::add_files(const ObjectSpec& object, const Result<AnswerPtr>& answer,
                           FetchResult& result) const {
  for (FetchedObject& file : files_of(object, answer)) {
    const bool absent = object.extras.optional && !file.file.ok() &&
                        file.file.error().code() == ErrorCode::kNotFound;
    if (absent) {
      result.absent.push_back(std::move(file.id));
    } else {
      result.objects.push_back(std::move(file));
    }
  }
}

std::vector<FetchedObject> VaultStore::files_of(const ObjectSpec& object,
                                                const Result<AnswerPtr>& answer) const {
  std::vector<FetchedObject> files;
  if (answer.ok() && object.extras.expand_keys) {
    const auto value = value_to_expand(object, **answer);
    const auto version = [&](const std::string& path, const Secret& contents) {
      return version_of(path, object.mode, contents);
    };
    if (value.ok()) return expand_keys({object.name, object.mode, version}, *value);
    files.push_back({object.name, value.error()});
  } else {
    files.push_back({object.name,
                     answer.ok() ? file_of(object, **answer) : Result<SecretFile>(answer.error())});
  }
  return files;
}

Result<SecretFile> VaultStore::file_of(const ObjectSpec& object, const Json& answer) const {
  KF_ASSIGN(Secret contents, contents_of(object, answer));
  const Secret stable = stable_contents_of(object, answer, contents);
  std::string version = version_of(object.name, object.mode, stable);
  return SecretFile{object.name, std::move(contents), object.mode, std::move(version)};
}

std::string VaultStore::version_of(const std::string& path, std::optional<std::uint32_t> mode,
                                   const Secret& stable) const {
  return base64url_encode(
      versions_.of({path, "\n", mode ? cat(*mode) : "", "\n", stable.expose()}));
}

StoreKind kind() {
  return {"vault",
          [](const StoreParts& parts) -> std::unique_ptr<Store> {
            return std::make_unique<VaultStore>(parts);
          },
          [](const manifest::SecretProviderClass& spc) {
            ParsedConfig parsed = parse_config(spc);
            ParameterCheck check{std::move(parsed.problems), {}};
            for (const ObjectSpec& object : parsed.config.objects) {
              if (object.extras.expand_keys) {
                check.more_files = true;
              } else {
                check.files.push_back({object.name, object.line});
              }
            }
            return check;
          }};
}

}  // namespace keyferry::stores::vault
