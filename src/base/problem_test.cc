#include "base/problem.h"

#include <gtest/gtest.h>

namespace keyferry {
namespace {

TEST(Problem, IsOneLineInWhichEmptyPartsAreLeftOut) {
  const std::pair<Problem, const char*> cases[] = {
      {{Severity::kError, "spc.yaml", 12, "SecretProviderClass web/shop", "spec.provider",
        "is missing", "name the store"},
       "spc.yaml:12: error: SecretProviderClass web/shop: spec.provider: is missing; "
       "name the store"},
      {{Severity::kWarning, "spc.yaml", 0, "", "", "odd", ""}, "spc.yaml: warning: odd"},
      {{Severity::kError, "", 12, "object", "", "odd", ""}, "error: object: odd"},
      {{Severity::kError, "", 0, "", "spec", "odd", "mend it"}, "error: spec: odd; mend it"},
      {{Severity::kWarning, "", 0, "", "", "odd", ""}, "warning: odd"},
  };
  for (const auto& [problem, text] : cases) EXPECT_EQ(to_text(problem), text);
}

// A manifest's apiVersion with an escape character in it reached the terminal as it was, and a name
// with a line end made two lines of one problem.
TEST(Problem, WhatItQuotesDoesNotCommandTheTerminal) {
  const Problem problem{
      Severity::kError, "spc.yaml", 3, "", "apiVersion", "'v1\x1b[2J\n\xff' is not known", ""};
  EXPECT_EQ(to_text(problem),
            "spc.yaml:3: error: apiVersion: 'v1\\x1b[2J\\x0a\xEF\xBF\xBD' is not known");
}

TEST(Problem, WarningsAloneAreNoErrors) {
  const Problem error{Severity::kError, "", 0, "", "", "wrong", ""};
  const Problem warning{Severity::kWarning, "", 0, "", "", "odd", ""};
  EXPECT_FALSE(has_errors({}));
  EXPECT_FALSE(has_errors({warning, warning}));
  EXPECT_TRUE(has_errors({warning, error}));
}

}  // namespace
}  // namespace keyferry
