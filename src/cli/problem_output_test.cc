#include "cli/problem_output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/table.h"
#include "cli/verb_run.h"

namespace keyferry::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// What stands on stderr; nothing may stand on stdout.
template <class Complaint>
std::vector<std::string> complained(const Complaint& complaint) {
  std::FILE* out = std::tmpfile();
  std::FILE* err = std::tmpfile();
  Terminal terminal(out, err);
  complain_about(complaint, terminal);
  EXPECT_EQ(trial::text_of_stream(out), "");
  return trial::lines_of(trial::text_of_stream(err));
}

Problem problem(Severity severity, std::string file, int line, std::string message) {
  return {severity, std::move(file), line, "Thing it", "spec.x", std::move(message), "mend it"};
}

TEST(ProblemOutput, IsSortedByPlaceWithACountAtTheEnd) {
  const Problems problems = {
      problem(Severity::kWarning, "b.yaml", 1, "first said"),
      problem(Severity::kError, "a.yaml", 9, "below"),
      problem(Severity::kError, "a.yaml", 2, "above"),
      problem(Severity::kError, "b.yaml", 1, "second said"),
      problem(Severity::kError, "", 0, "nowhere"),
  };
  EXPECT_THAT(complained(problems),
              ElementsAre("error: Thing it: spec.x: nowhere; mend it",
                          "a.yaml:2: error: Thing it: spec.x: above; mend it",
                          "a.yaml:9: error: Thing it: spec.x: below; mend it",
                          "b.yaml:1: warning: Thing it: spec.x: first said; mend it",
                          "b.yaml:1: error: Thing it: spec.x: second said; mend it",
                          "4 errors, 1 warning"));
}

TEST(ProblemOutput, CountsOneAsOneAndNothingSaysNothing) {
  EXPECT_THAT(complained(Problems{problem(Severity::kError, "a", 1, "x")}),
              ElementsAre("a:1: error: Thing it: spec.x: x; mend it", "1 error, 0 warnings"));
  EXPECT_THAT(complained(Problems()), IsEmpty());
}

TEST(ProblemOutput, AnErrorOfNoLineIsOneLine) {
  EXPECT_THAT(complained(Error(ErrorCode::kUnavailable, "the store is down; start it")),
              ElementsAre("error: the store is down; start it"));
}

// A file's name may hold the very word that is painted.
TEST(ProblemOutput, TheWordThatIsPaintedIsTheSeverity) {
  EXPECT_THAT(complained(Problems{problem(Severity::kError, "warning: error:.yaml", 1, "x")}).at(0),
              "warning: error:.yaml:1: error: Thing it: spec.x: x; mend it");
}

TEST(ProblemOutput, JsonHasEveryPartThatIsKnown) {
  EXPECT_EQ(to_text(to_json(problem(Severity::kError, "a.yaml", 7, "is missing"))),
            R"({"field":"spec.x","file":"a.yaml","line":7,"message":"is missing",)"
            R"("object":"Thing it","remedy":"mend it","severity":"error"})");
  Problem bare;
  bare.severity = Severity::kWarning;
  bare.message = "x";
  EXPECT_EQ(to_text(to_json(bare)), R"({"message":"x","severity":"warning"})");
}

TEST(Table, ColumnsAreAsWideAsTheirWidestCell) {
  struct Row {
    std::vector<std::vector<std::string>> rows;
    std::string_view text;
  };
  const Row rows[] = {
      {{}, ""},
      {{{}}, "\n"},
      {{{"a"}}, "a\n"},
      {{{"a", "b"}, {"longer", "c"}}, "a       b\nlonger  c\n"},
      {{{"a", "b"}, {"c"}, {"d", "", "e"}}, "a  b\nc\nd     e\n"},
      {{{"", ""}}, "\n"},
      {{{"größe", "x"}, {"123456", "y"}}, "größe   x\n123456  y\n"},
  };
  for (const Row& row : rows) EXPECT_EQ(render_table(row.rows), row.text);
}

}  // namespace
}  // namespace keyferry::cli
