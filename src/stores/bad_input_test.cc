// Every parameter and every field of an object of every provider, written wrongly in each of the
// ways that happen: the complaint names it, and the right name where it is only misspelt.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/complete_problem.h"
#include "base/strings.h"
#include "stores/object_list.h"
#include "stores/store.h"

namespace keyferry::stores {
namespace {

using ::testing::HasSubstr;

enum class Kind { kText, kList, kMapping };
enum class Emptiness { kIsAbsence, kIsDoubtful, kIsWrong };  // nothing said; a warning; an error

struct Field {
  std::string name;
  Kind kind = Kind::kText;
  Emptiness empty = Emptiness::kIsAbsence;
};

// What a provider takes (csi.md 6.2, 7.2, 8.2, and our own extensions).
struct Provider {
  std::string name;
  std::map<std::string, std::string> parameters;  // of a class without a fault, but for `objects`
  std::vector<Field> known;
  std::map<std::string, std::string> object;  // of an object without a fault
  std::vector<Field> fields;
};

const Field kOptional{"optional"};
const Field kExpandKeys{"expandKeys"};

Provider vault(const std::string& name) {
  return {name,
          {{"vaultAddress", "https://vault:8200"}, {"roleName", "shop"}},
          {{"roleName", Kind::kText, Emptiness::kIsWrong},
           {"vaultAddress", Kind::kText, Emptiness::kIsDoubtful},
           {"vaultNamespace"},
           {"vaultKubernetesMountPath"},
           {"vaultAuthMountPath"},
           {"audience"},
           {"vaultCACertPath"},
           {"vaultCADirectory"},
           {"vaultTLSServerName"},
           {"vaultTLSClientCertPath"},
           {"vaultTLSClientKeyPath"},
           {"vaultSkipTLSVerify"}},
          {{"objectName", "db"}, {"secretPath", "secret/data/db"}, {"secretKey", "password"}},
          {{"objectName", Kind::kText, Emptiness::kIsWrong},
           {"secretPath", Kind::kText, Emptiness::kIsWrong},
           {"secretKey"},
           {"method"},
           {"secretArgs", Kind::kMapping},
           {"filePermission", Kind::kText, Emptiness::kIsWrong},  // a number of YAML's
           {"encoding"},
           kOptional,
           kExpandKeys}};
}

Provider aws() {
  return {"aws",
          {{"region", "eu-west-1"}},
          {{"region"},
           {"failoverRegion"},
           {"pathTranslation"},
           {"usePodIdentity"},
           {"preferredAddressType"},
           {"assumeRoleArn"},
           {"endpointUrl"}},
          {{"objectName", "db"}, {"objectType", "secretsmanager"}},
          {{"objectName", Kind::kText, Emptiness::kIsWrong},
           {"objectType", Kind::kText, Emptiness::kIsWrong},
           {"objectAlias"},
           {"objectVersion"},
           {"objectVersionLabel"},
           {"filePermission"},
           {"jmesPath", Kind::kList},
           {"failoverObject", Kind::kMapping},
           kOptional,
           kExpandKeys}};
}

Provider azure() {
  return {"azure",
          {{"keyvaultName", "shop"}, {"tenantID", "8b4f2a1e-0000-4000-8000-000000000001"}},
          {{"keyvaultName", Kind::kText, Emptiness::kIsWrong},
           {"tenantID", Kind::kText, Emptiness::kIsWrong},
           {"cloudName"},
           {"cloudEnvFileName"},
           {"usePodIdentity"},
           {"useVMManagedIdentity"},
           {"useAzureTokenProxy"},
           {"userAssignedIdentityID"},
           {"clientID"},
           {"constructPemChain"},
           {"writeCertAndKeyInSeparateFiles"}},
          {{"objectName", "db"}, {"objectType", "secret"}},
          {{"objectName", Kind::kText, Emptiness::kIsWrong},
           {"objectAlias"},
           {"objectVersion"},
           {"objectVersionHistory", Kind::kText, Emptiness::kIsWrong},  // a number of YAML's
           {"objectType", Kind::kText, Emptiness::kIsWrong},
           {"objectFormat"},
           {"objectEncoding"},
           {"filePermission"},
           kOptional,
           kExpandKeys}};
}

// "name: value" lines; values stand as YAML has them.
using Lines = std::vector<std::pair<std::string, std::string>>;

std::string objects_of(const Provider& provider, const Lines& lines) {
  const bool in_array = provider.name == "azure";
  const std::string indent = in_array ? "    " : "  ";
  std::string text = in_array ? "array:\n  - |\n" : "-\n";
  for (const auto& [name, value] : lines) text += cat(indent, name, ": ", value, "\n");
  return text;
}

ParameterCheck checked(const Provider& provider, const Lines& object,
                       const std::map<std::string, std::string>& parameters) {
  manifest::SecretProviderClass spc;
  spc.meta.kind = "SecretProviderClass";
  spc.meta.name = "web";
  spc.meta.file = "spc.yaml";
  spc.provider_line = 8;
  int line = 9;
  for (const auto& [name, value] : parameters) spc.parameters[name] = {value, line++};
  spc.parameters["objects"] = {objects_of(provider, object), 20};
  return store_kind_of(provider.name)->check(spc);
}

Lines good_object(const Provider& provider) {
  return {provider.object.begin(), provider.object.end()};
}

Lines with_field(const Provider& provider, const std::string& name, const std::string& value) {
  Lines lines = good_object(provider);
  const auto found = std::find_if(lines.begin(), lines.end(),
                                  [&](const auto& line) { return line.first == name; });
  if (found == lines.end()) {
    lines.emplace_back(name, value);
  } else {
    found->second = value;
  }
  return lines;
}

std::string texts(const Problems& problems) {
  std::string texts;
  for (const Problem& problem : problems) texts += to_text(problem) + "\n";
  return texts;
}

// Two neighbours change places: "objectNmae".
std::string misspelt(std::string name) {
  const std::size_t middle = name.size() / 2;
  std::size_t at = middle;
  while (name[at] == name[at - 1]) --at;
  std::swap(name[at], name[at - 1]);
  return name;
}

class BadInput : public ::testing::TestWithParam<Provider> {
 protected:
  void expect_named(const ParameterCheck& check, const std::string& place) const {
    EXPECT_TRUE(has_errors(check.problems)) << place;
    EXPECT_THAT(texts(check.problems), HasSubstr(place));
    EXPECT_EQ(without_advice(check.problems), "");
    EXPECT_EQ(without_place(check.problems), "");
  }
  // What is said of an empty field.
  void expect_told(const ParameterCheck& check, const Field& field,
                   const std::string& place) const {
    switch (field.empty) {
      case Emptiness::kIsAbsence:
        EXPECT_EQ(texts(check.problems), "") << place;
        return;
      case Emptiness::kIsDoubtful:
        EXPECT_FALSE(has_errors(check.problems)) << place;
        EXPECT_THAT(texts(check.problems), HasSubstr(place));
        return;
      case Emptiness::kIsWrong:
        expect_named(check, place);
    }
  }
  const Provider& provider() const { return GetParam(); }
  std::string first_object() const {
    return provider().name == "azure" ? "objects.array[0]." : "objects[0].";
  }
};

TEST_P(BadInput, ThereIsNoneInTheClassThatTheOthersAreMadeFrom) {
  const auto check = checked(provider(), good_object(provider()), provider().parameters);
  EXPECT_EQ(texts(check.problems), "");
}

TEST_P(BadInput, AMisspeltParameterIsToldItsName) {
  for (const Field& field : provider().known) {
    auto parameters = provider().parameters;
    parameters[misspelt(field.name)] = "x";
    const auto check = checked(provider(), good_object(provider()), parameters);
    expect_named(check, cat("spec.parameters.", misspelt(field.name)));
    EXPECT_THAT(texts(check.problems), HasSubstr(cat("did you mean '", field.name, "'?")));
  }
}

TEST_P(BadInput, AnEmptyParameterIsAbsentOrNamed) {
  for (const Field& field : provider().known) {
    auto parameters = provider().parameters;
    parameters[field.name] = " ";
    const auto check = checked(provider(), good_object(provider()), parameters);
    expect_told(check, field, cat("spec.parameters.", field.name));
  }
}

TEST_P(BadInput, AParameterThatIsTooLongIsNamed) {
  for (const Field& field : provider().known) {
    auto parameters = provider().parameters;
    parameters[field.name] = std::string(kLongestText + 1, 'x');
    const auto check = checked(provider(), good_object(provider()), parameters);
    expect_named(check, cat("spec.parameters.", field.name));
  }
}

TEST_P(BadInput, AMisspeltFieldIsToldItsName) {
  for (const Field& field : provider().fields) {
    Lines lines = good_object(provider());
    lines.emplace_back(misspelt(field.name), "x");
    const auto check = checked(provider(), lines, provider().parameters);
    expect_named(check, cat(first_object(), misspelt(field.name)));
    EXPECT_THAT(texts(check.problems), HasSubstr(cat("did you mean '", field.name, "'?")));
  }
}

TEST_P(BadInput, AFieldOfAnotherTypeIsNamed) {
  for (const Field& field : provider().fields) {
    const std::string value = field.kind == Kind::kText ? "{a: b}" : "text";
    const auto check =
        checked(provider(), with_field(provider(), field.name, value), provider().parameters);
    expect_named(check, cat(first_object(), field.name));
  }
}

TEST_P(BadInput, AnEmptyFieldIsAbsentOrNamed) {
  for (const Field& field : provider().fields) {
    if (field.kind != Kind::kText) continue;
    const auto check =
        checked(provider(), with_field(provider(), field.name, "\"\""), provider().parameters);
    expect_told(check, field, cat(first_object(), field.name));
  }
}

TEST_P(BadInput, AFieldThatStandsTwiceIsNamed) {
  for (const Field& field : provider().fields) {
    Lines lines = with_field(provider(), field.name, "a");
    lines.emplace_back(field.name, "a");
    const auto check = checked(provider(), lines, provider().parameters);
    EXPECT_TRUE(has_errors(check.problems)) << field.name;
    EXPECT_THAT(texts(check.problems), HasSubstr(cat("key '", field.name, "' stands here again")));
  }
}

TEST_P(BadInput, AFieldThatIsTooLongIsNamed) {
  for (const Field& field : provider().fields) {
    if (field.kind != Kind::kText) continue;
    const auto check =
        checked(provider(), with_field(provider(), field.name, std::string(kLongestText + 1, 'x')),
                provider().parameters);
    expect_named(check, cat(first_object(), field.name));
  }
}

TEST_P(BadInput, AnUnknownFieldOrParameterIsAWarning) {
  Lines lines = good_object(provider());
  lines.emplace_back("colour", "red");
  auto parameters = provider().parameters;
  parameters["somethingElse"] = "x";
  const auto check = checked(provider(), lines, parameters);
  EXPECT_FALSE(has_errors(check.problems));
  EXPECT_THAT(texts(check.problems), HasSubstr(cat(first_object(), "colour")));
  EXPECT_THAT(texts(check.problems), HasSubstr("spec.parameters.somethingElse"));
}

TEST_P(BadInput, EverythingIsToldAtOnce) {
  Lines lines;
  for (const Field& field : provider().fields) lines.emplace_back(field.name, "[[x]]");
  auto parameters = provider().parameters;
  for (const Field& field : provider().known) parameters[misspelt(field.name)] = "x";
  const std::string told = texts(checked(provider(), lines, parameters).problems);
  for (const Field& field : provider().fields) {
    EXPECT_THAT(told, HasSubstr(cat(first_object(), field.name)));
  }
  for (const Field& field : provider().known) {
    EXPECT_THAT(told, HasSubstr(cat("spec.parameters.", misspelt(field.name))));
  }
}

INSTANTIATE_TEST_SUITE_P(EveryProvider, BadInput,
                         ::testing::Values(vault("vault"), vault("openbao"), aws(), azure()),
                         [](const auto& info) { return info.param.name; });

// A provider that nobody lists here would go untested.
TEST(BadInput, KnowsEveryProvider) {
  std::vector<std::string_view> names;
  for (const StoreKind& kind : store_kinds()) names.push_back(kind.name);
  EXPECT_THAT(names, ::testing::UnorderedElementsAre("vault", "openbao", "aws", "azure"));
}

}  // namespace
}  // namespace keyferry::stores
