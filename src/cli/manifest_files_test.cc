#include "cli/manifest_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/complete_problem.h"
#include "cli/verb_run.h"

namespace keyferry::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string account(std::string_view name, std::string_view namespace_name = "") {
  return cat("apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: ", name,
             namespace_name.empty() ? "" : ", namespace: ", namespace_name, "}\n");
}

std::string spc(std::string_view name, std::string_view namespace_name = "") {
  return cat("apiVersion: secrets-store.csi.x-k8s.io/v1\nkind: SecretProviderClass\nmetadata: ",
             "{name: ", name, namespace_name.empty() ? "" : ", namespace: ", namespace_name,
             "}\nspec: {provider: vault, parameters: {roleName: r}}\n");
}

std::vector<std::string> accounts_of(const manifest::Manifests& manifests) {
  std::vector<std::string> names;
  for (const auto& one : manifests.service_accounts) names.push_back(one.meta.name);
  return names;
}

TEST(ManifestFiles, FilesAreReadInTheOrderGivenAndFoldersByName) {
  const trial::TempFolder folder;
  folder.write("set/b.yml", account("b"));
  folder.write("set/a.yaml", account("a"));
  folder.write("set/c.json", R"({"apiVersion":"v1","kind":"ServiceAccount","metadata":)"
                             R"({"name":"c"}})");
  folder.write("set/readme.txt", "not a manifest");
  folder.write("set/.yaml.swp", "not one either");
  folder.write("set/deeper/d.yaml", account("d"));
  const std::string first = folder.write("z.txt", account("z"));
  const auto manifests = read_manifests({first, folder.path("set")});
  EXPECT_THAT(manifests.problems, IsEmpty());
  EXPECT_THAT(accounts_of(manifests), ElementsAre("z", "a", "b", "c"))
      << "a file named is read whatever its name; folders are not walked deeper";
  EXPECT_EQ(manifests.service_accounts[0].meta.file, first);
  EXPECT_EQ(manifests.service_accounts[1].meta.file, folder.path("set/a.yaml"));
}

TEST(ManifestFiles, WhatCannotBeReadIsAProblemBesideWhatCan) {
  const trial::TempFolder folder;
  const std::string good = folder.write("good.yaml", account("good"));
  folder.write("empty/readme.txt", "x");
  const auto manifests = read_manifests({folder.path("missing.yaml"), good, folder.path("empty")});
  EXPECT_THAT(accounts_of(manifests), ElementsAre("good"));
  ASSERT_EQ(manifests.problems.size(), 2U);
  EXPECT_EQ(manifests.problems[0].file, folder.path("missing.yaml"));
  EXPECT_EQ(manifests.problems[0].remedy, "check the path given with -f");
  EXPECT_EQ(manifests.problems[1].file, folder.path("empty"));
  EXPECT_THAT(to_text(manifests.problems[1]),
              HasSubstr("no *.yaml, *.yml or *.json in this folder; name the files"));
  EXPECT_EQ(without_advice(manifests.problems), "");
}

TEST(ManifestFiles, AFileOfAnotherSizeThanAManifestsIsRefused) {
  const trial::TempFolder folder;
  const std::string large = folder.write("large.yaml", std::string((4U << 20) + 1, '#'));
  const auto manifests = read_manifests({large});
  ASSERT_EQ(manifests.problems.size(), 1U);
  EXPECT_THAT(manifests.problems[0].message, HasSubstr("larger than the limit"));
}

manifest::Manifests parsed(const std::vector<std::string>& texts) {
  manifest::Manifests manifests;
  for (const std::string& text : texts) manifest::parse_manifest(text, "m.yaml", manifests);
  return manifests;
}

struct Choice {
  std::vector<std::string> texts;
  std::optional<ObjectName> wanted;
  std::string_view answer;  // "namespace/name" of the one chosen, or what is said
};

TEST(ChosenSpc, IsTheOneNamedOrTheOnlyOne) {
  const Choice rows[] = {
      {{spc("shop", "web")}, {}, "web/shop"},
      {{spc("shop", "web"), spc("other", "web")}, ObjectName{"web", "shop"}, "web/shop"},
      {{spc("shop", "web"), spc("shop", "test")}, ObjectName{"test", "shop"}, "test/shop"},
      {{spc("shop", "web"), spc("other")}, ObjectName{"", "shop"}, "web/shop"},
      {{spc("shop")}, ObjectName{"web", "shop"}, "/shop"},
      {{}, {}, "no SecretProviderClass in the manifests; name its file with -f"},
      {{account("shop")},
       ObjectName{"", "shop"},
       "no SecretProviderClass 'shop' in the manifests (there is none)"},
      {{spc("shop", "web"), spc("other")},
       ObjectName{"test", "shop"},
       "no SecretProviderClass 'test/shop' in the manifests (there are: web/shop, other)"},
      {{spc("shop", "web"), spc("other")},
       {},
       "more than one SecretProviderClass (there are: web/shop, other); choose one with "
       "--secret-provider-class NAMESPACE/NAME"},
      {{spc("shop", "web"), spc("shop", "test")},
       ObjectName{"", "shop"},
       "more than one SecretProviderClass (there are: web/shop, test/shop); choose one with "
       "--secret-provider-class NAMESPACE/NAME"},
  };
  for (const Choice& row : rows) {
    const auto manifests = parsed(row.texts);
    const auto chosen = chosen_spc(manifests, row.wanted);
    const std::string answer = chosen.ok()
                                   ? cat((*chosen)->meta.namespace_name, "/", (*chosen)->meta.name)
                                   : chosen.error().message();
    EXPECT_EQ(answer, row.answer);
    if (!chosen.ok()) {
      EXPECT_EQ(chosen.error().code(), ErrorCode::kInvalidArgument);
    }
  }
}

TEST(ServiceAccount, IsTheOneNamedTheManifestsOrTheClassesOwnName) {
  struct Row {
    std::vector<std::string> accounts;
    std::optional<ObjectName> wanted;
    std::string_view answer;
  };
  const Row rows[] = {
      {{}, {}, "web/shop"},
      {{account("shop", "web")}, {}, "web/shop"},
      {{account("shop")}, {}, "/shop"},
      {{account("other", "web"), account("shop", "test")}, {}, "web/shop"},
      {{account("shop", "web")}, ObjectName{"test", "robot"}, "test/robot"},
      {{account("shop", "web")}, ObjectName{"", "robot"}, "web/robot"},
  };
  const auto classes = parsed({spc("shop", "web")});
  for (const Row& row : rows) {
    const ObjectName found =
        service_account_of(parsed(row.accounts), classes.secret_provider_classes.at(0), row.wanted);
    EXPECT_EQ(cat(found.namespace_name, "/", found.name), row.answer);
  }
}

}  // namespace
}  // namespace keyferry::cli
