#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/cli.h"
#include "cli/verb_run.h"
#include "formats/json.h"
#include "manifest/example_objects.h"

namespace keyferry::cli {
namespace {

using manifest::example::kAccount;
using manifest::example::kApp;
using manifest::example::kClass;
using manifest::example::with;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// A folder of manifests and what `keyferry check` says about it.
class Check : public ::testing::Test {
 protected:
  trial::Said run(const std::vector<std::string>& flags = {}) const {
    std::vector<std::string> words = {"check", "-f", folder.path()};
    words.insert(words.end(), flags.begin(), flags.end());
    trial::Said said = trial::run_words(words);
    said.err = folder.without_path(said.err);
    said.out = folder.without_path(said.out);
    return said;
  }
  void write_example(std::string_view spc = kClass) const {
    folder.write("account.yaml", kAccount);
    folder.write("app.yaml", kApp);
    folder.write("spc.yaml", spc);
  }
  trial::TempFolder folder;
};

// A class of no Mendix app, whose file names mean nothing to us.
std::string other_class() {
  return with(kClass, "  annotations:\n    privatecloud.mendix.com/environment-class: \"true\"\n",
              "");
}

TEST_F(Check, AGoodSetIsCountedOnStdout) {
  folder.write("spc.yaml", other_class());
  const trial::Said said = run();
  EXPECT_EQ(said.status, kGood);
  EXPECT_EQ(said.out, "good: 1 SecretProviderClass, 0 ServiceAccount, 0 MendixApp\n");
  EXPECT_EQ(said.err, "");
}

// Told twice: as a placeholder, and as an address with a wrong host.
TEST_F(Check, APlaceholderIsOneComplaint) {
  folder.write("spc.yaml", with(other_class(), "https://vault:8200", "https://<host>:8200"));
  EXPECT_EQ(run().err,
            "spc.yaml:9: error: SecretProviderClass web/shop: spec.parameters.vaultAddress: "
            "'<host>' is a placeholder that was not filled in; write the real value, without "
            "braces and angle brackets\n1 error, 0 warnings\n");
}

TEST_F(Check, OfAClassOfNoMendixAppNoKeyIsJudged) {
  folder.write("spc.yaml", with(other_class(), "database-password", "anything-at-all"));
  EXPECT_EQ(run().status, kGood);
}

TEST_F(Check, AnAnnotationAloneMakesItAMendixApps) {
  folder.write("spc.yaml", kClass);
  const trial::Said said = run();
  EXPECT_EQ(said.status, kProblems);
  EXPECT_EQ(said.out, "");
  EXPECT_THAT(
      trial::lines_of(said.err),
      Contains("spc.yaml:14: error: SecretProviderClass web/shop: object 'database-type': is "
               "missing; the store has other database keys; add it to the store and to "
               "the SecretProviderClass"));
}

// A folder named with a slash at its end made names with two.
TEST_F(Check, FilesOfAFolderHaveTheNameAPersonWouldWrite) {
  const std::string path = folder.write("set/spc.yaml", kClass);
  for (const char* name : {"set", "set/", "set//"}) {
    const trial::Said said = trial::run_words({"check", "-f", folder.path(name)});
    EXPECT_THAT(said.err, ::testing::StartsWith(path + ":14: error")) << name;
  }
}

TEST_F(Check, TheAppsVersionGatesTheKeys) {
  write_example(with(kClass,
                     "      - objectName: database-password\n"
                     "        secretPath: secret/data/shop\n"
                     "        secretKey: password\n",
                     "      - {objectName: database-type, secretPath: secret/data/s}\n"
                     "      - {objectName: database-host, secretPath: secret/data/s}\n"
                     "      - {objectName: database-name, secretPath: secret/data/s}\n"
                     "      - {objectName: database-username, secretPath: secret/data/s}\n"));
  EXPECT_EQ(run().status, kGood);
  folder.write("app.yaml", with(kApp, "10.24.14", "9.21.0"));
  const trial::Said said = run();
  EXPECT_EQ(said.status, kProblems);
  EXPECT_THAT(said.err, HasSubstr("needs runtime 9.22.0; this one is 9.21.0"));
}

TEST_F(Check, WarningsAreErrorsOnlyOnDemand) {
  folder.write("spc.yaml", with(other_class(), ".io/v1", ".io/v1alpha1"));
  EXPECT_EQ(run().status, kGood);
  EXPECT_THAT(run().err, HasSubstr("0 errors, 1 warning"));
  const trial::Said strict = run({"--warnings-are-errors"});
  EXPECT_EQ(strict.status, kProblems);
  EXPECT_EQ(strict.out, "");
}

TEST_F(Check, AnswersAsJsonInOneLine) {
  folder.write("spc.yaml", with(other_class(), "provider: vault", "provider: valt"));
  const trial::Said said = run({"--output", "json"});
  EXPECT_EQ(said.status, kProblems);
  EXPECT_EQ(said.err, "");
  EXPECT_EQ(trial::lines_of(said.out).size(), 1U);
  const auto answer = parse_json(said.out);
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(*answer->find("good"), Json(false));
  EXPECT_EQ(*answer->find("secretProviderClasses"), Json(1));
  EXPECT_EQ(*answer->find("serviceAccounts"), Json(0));
  EXPECT_EQ(*answer->find("mendixApps"), Json(0));
  ASSERT_EQ(answer->find("problems")->as_array()->size(), 1U);
  const Json& problem = answer->find("problems")->as_array()->front();
  EXPECT_EQ(problem.text_of("severity"), "error");
  EXPECT_EQ(problem.text_of("file"), "spc.yaml");
  EXPECT_EQ(problem.text_of("object"), "SecretProviderClass web/shop");
  EXPECT_EQ(problem.text_of("field"), "spec.provider");
  EXPECT_EQ(*problem.find("line"), Json(7));
}

TEST_F(Check, WithoutAClassThereIsNothingToCheck) {
  folder.write("account.yaml", kAccount);
  const trial::Said said = run();
  EXPECT_EQ(said.status, kProblems);
  EXPECT_THAT(trial::lines_of(said.err),
              ElementsAre("error: no SecretProviderClass in the files given; name its file with -f",
                          "1 error, 0 warnings"));
}

// check was green where pull refused: file names were only looked at when they were written.
// What one secret will give is not known before the store is asked.
TEST_F(Check, AnObjectThatGivesItsKeysMayGiveEveryKeyThatIsMissing) {
  const std::string objects =
      "      - objectName: all\n"
      "        secretPath: secret/data/shop\n"
      "        expandKeys: \"true\"\n";
  write_example(std::string(kClass) + objects);
  EXPECT_EQ(run().err, "");
  write_example(
      with(std::string(kClass) + objects, "expandKeys: \"true\"", "expandKeys: yes-please"));
  EXPECT_THAT(run().err, HasSubstr("'yes-please' is not a boolean"));
}

TEST_F(Check, NamesThatCannotBeFilesAreSaidWithTheirLine) {
  for (const std::string name : {"mx-const-../../x", "../x", "/etc/x", "..data", "a//b"}) {
    write_example(with(kClass, "database-password", name));
    const trial::Said said = run();
    EXPECT_EQ(said.status, kProblems) << name;
    EXPECT_THAT(said.err, HasSubstr(cat("spc.yaml:14: error: SecretProviderClass web/shop: "
                                        "spec.parameters.objects[0].objectName: '",
                                        name, "' ")));
    EXPECT_THAT(said.err, Not(HasSubstr("name the file"))) << "a hint at another bad name";
  }
}

TEST_F(Check, EverythingThatIsWrongAnywhereIsSaidAtOnce) {
  write_example(with(with(kClass, "roleName: shop", "roleNam: shop"), "secretKey", "secretKye"));
  folder.write("account.yaml", with(kAccount, "\"true\"", "true"));
  folder.write("app.yaml", with(kApp, "Driver: true", "Driver: maybe"));
  const trial::Said said = run();
  for (const char* words : {"account.yaml:7: error", "app.yaml:8: error", "did you mean 'roleName'",
                            "did you mean 'secretKey'", "object 'database-type': is missing"}) {
    EXPECT_THAT(said.err, HasSubstr(words));
  }
  const auto answer = parse_json(run({"--output", "json"}).out);
  ASSERT_TRUE(answer.ok());
  for (const Json& problem : *answer->find("problems")->as_array()) {
    SCOPED_TRACE(to_text(problem));
    for (const char* part : {"file", "line", "object", "field", "message"}) {
      EXPECT_NE(problem.find(part), nullptr) << part;
    }
    const bool advises = problem.find("remedy") != nullptr ||
                         problem.text_of("message").find("; ") != std::string::npos;
    EXPECT_TRUE(advises);
  }
}

}  // namespace
}  // namespace keyferry::cli
