#include "dev/aws/parameter_store.h"

#include <algorithm>
#include <charconv>

#include "base/strings.h"
#include "dev/vault_reply.h"

namespace keyferry::dev {
namespace {

constexpr std::size_t kMostNames = 10;
constexpr std::size_t kMostLabels = 10;
constexpr std::size_t kLongestName = 2048;
constexpr std::size_t kStandardLimit = 4096;
constexpr std::size_t kAdvancedLimit = 8192;
constexpr std::string_view kSecure = "SecureString";

AwsReply no_parameter() { return aws_refusal("ParameterNotFound", ""); }

bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_.-").find(c) != std::string_view::npos;
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return is_word_character(c) || c == '/'; });
}

bool is_label(std::string_view label) {
  const std::string lower = to_lower(label);
  return !label.empty() && label.size() <= 100 && !(label[0] >= '0' && label[0] <= '9') &&
         !lower.starts_with("aws") && !lower.starts_with("ssm") &&
         std::all_of(label.begin(), label.end(), is_word_character);
}

// The number when the text is one.
std::optional<std::size_t> number_in(std::string_view text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// The parameter's own part of a name or ARN, and its selector with the colon.
std::pair<std::string_view, std::string_view> split_selector(std::string_view text) {
  const std::size_t from = text.starts_with("arn:") ? text.find(":parameter/") : 0;
  if (from == std::string_view::npos) return {text, {}};
  const std::size_t colon = text.find(':', from + 1);
  if (colon == std::string_view::npos) return {text, {}};
  return {text.substr(0, colon), text.substr(colon)};
}

std::string put_problem(const AwsCall& call, bool exists) {
  const std::string_view name = call.text("Name"), type = call.text("Type"),
                         value = call.text("Value");
  if (!is_name(name)) {
    return cat(
        "Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a "
        "path, it can consist of sub-paths divided by slash symbol; each sub-path can be "
        "formed as a mix of letters, numbers and the following 3 symbols .-_");
  }
  if (name.find('/') != std::string_view::npos && name[0] != '/')
    return "Parameter name must be a fully qualified name.";
  if (type.empty() && !exists) return "A parameter type is required when you create a parameter.";
  constexpr std::string_view kTypes[] = {"String", "StringList", kSecure, ""};
  if (std::find(std::begin(kTypes), std::end(kTypes), type) == std::end(kTypes))
    return cat(
        "1 validation error detected: Value '", type,
        "' at 'type' failed to satisfy "
        "constraint: Member must satisfy enum value set: [SecureString, StringList, String]");
  if (value.empty()) return "1 validation error detected: Value at 'value' must not be empty";
  const bool advanced = call.text("Tier") == "Advanced";
  if (const std::size_t limit = advanced ? kAdvancedLimit : kStandardLimit; value.size() > limit)
    return cat(advanced ? "Advanced" : "Standard",
               " tier parameters support a maximum parameter "
               "value of ",
               limit, " characters.");
  return {};
}

}  // namespace

ParameterStore::ParameterStore(std::string_view account, std::string_view region)
    : arn_prefix_(cat("arn:aws:ssm:", region, ':', account, ":parameter/")) {}

std::string ParameterStore::arn_of(std::string_view name) const {
  if (name.starts_with("arn:")) return std::string(name);
  if (name.starts_with('/')) name.remove_prefix(1);
  return cat(arn_prefix_, name);
}

AwsReply ParameterStore::handle(const AwsCall& call) {
  const std::string action = cat("ssm:", call.operation);
  std::vector<std::string> names = texts_of(call.body.find("Names"));
  for (const std::string_view member : {"Name", "Path"}) {
    if (!call.text(member).empty()) names.emplace_back(call.text(member));
  }
  for (const std::string& name : names) {
    const std::string resource = arn_of(split_selector(name).first);
    if (!call.allows(action, resource)) return aws_denial(call, action, resource);
  }
  if (call.operation == "GetParameters") return get_many(call);
  if (call.operation == "GetParameter") return get(call);
  if (call.operation == "GetParametersByPath") return get_by_path(call);
  if (call.operation == "PutParameter") return put_parameter(call);
  if (call.operation == "LabelParameterVersion") return label(call);
  if (call.operation == "DeleteParameter") return remove(call);
  return aws_refusal("UnknownOperationException", "");
}

void ParameterStore::put(const std::string& name, const Json& value, WallTime now) {
  if (value.as_object() == nullptr) {
    add_version(name, value.as_string() != nullptr ? *value.as_string() : to_text(value), "", now);
  } else {
    add_version(name, std::string(value.text_of("value")), std::string(value.text_of("type")), now);
  }
}

void ParameterStore::add_version(const std::string& name, std::string value, std::string type,
                                 WallTime now) {
  Parameter& parameter =
      parameters_.try_emplace(name, Parameter{name, arn_of(name), {}}).first->second;
  if (type.empty()) type = parameter.versions.empty() ? kSecure : parameter.versions.back().type;
  parameter.versions.push_back(
      {std::move(value), std::move(type), cat("AQICAHh", aws_mixed_id(57)), now, {}});
}

AwsReply ParameterStore::put_parameter(const AwsCall& call) {
  const std::string name(call.text("Name"));
  const Parameter* there = find(name);
  if (const std::string problem = put_problem(call, there != nullptr); !problem.empty())
    return aws_validation(problem);
  if (there != nullptr && !call.is_set("Overwrite")) {
    return aws_refusal("ParameterAlreadyExists",
                       "The parameter already exists. To overwrite this value, set the overwrite "
                       "option in the request to true.");
  }
  add_version(name, std::string(call.text("Value")), std::string(call.text("Type")), call.now);
  const auto version = static_cast<std::int64_t>(parameters_.at(name).versions.size());
  const std::string_view tier = call.text("Tier").empty() ? "Standard" : call.text("Tier");
  return aws_data(Json::Object{{"Version", Json(version)}, {"Tier", Json(tier)}});
}

const ParameterStore::Parameter* ParameterStore::find(std::string_view name) const {
  const auto found = std::find_if(parameters_.begin(), parameters_.end(), [&](const auto& one) {
    return one.first == name || one.second.arn == name;
  });
  return found == parameters_.end() ? nullptr : &found->second;
}

Result<ParameterStore::Selected, AwsReply> ParameterStore::select(std::string_view text) const {
  const auto [name, selector] = split_selector(text);
  const Parameter* parameter = find(name);
  if (parameter == nullptr) return no_parameter();
  const std::size_t count = parameter->versions.size();
  if (selector.empty()) return Selected{parameter, count - 1, {}};
  const std::string_view wanted = selector.substr(1);
  const auto number = number_in(wanted);
  for (std::size_t i = 0; i < count; ++i) {
    if (number ? i + 1 == *number : parameter->versions[i].labels.contains(std::string(wanted)))
      return Selected{parameter, i, std::string(selector)};
  }
  return aws_refusal("ParameterVersionNotFound",
                     cat("Systems Manager could not find version ", wanted, " of ", name,
                         ". Verify the version and try again."));
}

Json ParameterStore::json_of(const Selected& selected, const AwsCall& call) {
  const Parameter& parameter = *selected.parameter;
  const Version& version = parameter.versions[selected.index];
  const bool sealed = version.type == kSecure && !call.is_set("WithDecryption");
  Json::Object body{{"Name", Json(parameter.name)},
                    {"ARN", Json(parameter.arn)},
                    {"Type", Json(version.type)},
                    {"DataType", Json("text")},
                    {"Value", Json(sealed ? version.sealed : version.value)},
                    {"Version", Json(static_cast<std::int64_t>(selected.index + 1))},
                    {"LastModifiedDate", aws_json_time(version.modified)}};
  if (!selected.selector.empty()) body.emplace("Selector", Json(selected.selector));
  return body;
}

AwsReply ParameterStore::get(const AwsCall& call) const {
  const auto selected = select(call.text("Name"));
  if (!selected.ok()) return selected.error();
  return aws_data(Json::Object{{"Parameter", json_of(*selected, call)}});
}

// In the order of their names, whatever the order of the question: nobody promised another.
AwsReply ParameterStore::get_many(const AwsCall& call) const {
  std::vector<std::string> names = texts_of(call.body.find("Names"));
  if (names.empty() || names.size() > kMostNames) {
    return aws_validation(
        cat("1 validation error detected: Value at 'names' failed to satisfy "
            "constraint: Member must have length less than or equal to ",
            kMostNames, ", Member must have length greater than or equal to 1"));
  }
  std::sort(names.begin(), names.end());
  if (std::adjacent_find(names.begin(), names.end()) != names.end())
    return aws_validation("Duplicate parameter names are not allowed in one request.");
  Json::Array found, invalid;
  for (const std::string& name : names) {
    const auto selected = select(name);
    if (selected.ok()) {
      found.push_back(json_of(*selected, call));
    } else {
      invalid.emplace_back(name);
    }
  }
  return aws_data(Json::Object{{"Parameters", Json(std::move(found))},
                               {"InvalidParameters", Json(std::move(invalid))}});
}

AwsReply ParameterStore::get_by_path(const AwsCall& call) const {
  std::string path(call.text("Path"));
  if (!path.starts_with('/'))
    return aws_validation(
        "The parameter doesn't meet the parameter name requirements: a path "
        "begins with a slash.");
  if (!path.ends_with('/')) path += '/';
  const Json* most = call.body.find("MaxResults");
  const auto limit = static_cast<std::size_t>(seconds_of(most, kMostNames));
  const std::string_view token = call.text("NextToken");
  Json::Array page;
  for (const auto& [name, parameter] : parameters_) {
    if (!name.starts_with(path) || name < token) continue;
    if (!call.is_set("Recursive") && name.find('/', path.size()) != std::string::npos) continue;
    if (page.size() == limit) {
      return aws_data(
          Json::Object{{"Parameters", Json(std::move(page))}, {"NextToken", Json(name)}});
    }
    page.push_back(json_of({&parameter, parameter.versions.size() - 1, {}}, call));
  }
  return aws_data(Json::Object{{"Parameters", Json(std::move(page))}});
}

AwsReply ParameterStore::label(const AwsCall& call) {
  const auto found = parameters_.find(call.text("Name"));
  if (found == parameters_.end()) return no_parameter();
  std::vector<Version>& versions = found->second.versions;
  const auto last = static_cast<std::int64_t>(versions.size());
  const std::int64_t number = seconds_of(call.body.find("ParameterVersion"), last);
  if (number < 1 || number > last) {
    return aws_refusal("ParameterVersionNotFound",
                       cat("Systems Manager could not find version ", number, " of ", found->first,
                           ". Verify the version and try again."));
  }
  Version& labelled = versions[static_cast<std::size_t>(number - 1)];
  Json::Array invalid;
  for (const std::string& one : texts_of(call.body.find("Labels"))) {
    if (!is_label(one)) {
      invalid.emplace_back(one);
      continue;
    }
    for (Version& version : versions) version.labels.erase(one);
    labelled.labels.insert(one);
  }
  if (labelled.labels.size() > kMostLabels)
    return aws_refusal("ParameterVersionLabelLimitExceeded", "A version has at most 10 labels.");
  return aws_data(Json::Object{{"InvalidLabels", Json(std::move(invalid))},
                               {"ParameterVersion", Json(number)}});
}

AwsReply ParameterStore::remove(const AwsCall& call) {
  const auto found = parameters_.find(call.text("Name"));
  if (found == parameters_.end()) return no_parameter();
  parameters_.erase(found);
  return aws_data(Json::Object{});
}

}  // namespace keyferry::dev
