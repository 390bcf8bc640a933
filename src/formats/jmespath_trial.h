#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "formats/jmespath.h"

// Tables of expressions, documents and answers, for the tests.
namespace keyferry::trial {

struct SearchRow {
  std::string_view expression;
  std::string_view document;  // JSON
  std::string_view answer;    // as `searched` writes it
};

// The answer as compact JSON, or "syntax at 3" where there is none.
inline std::string searched(std::string_view expression, std::string_view document) {
  const auto json = parse_json(document);
  if (!json.ok()) return "the document is no JSON";
  const auto failure = [](const JmesPathError& error) {
    EXPECT_FALSE(error.message.empty());
    return cat(name_of(error.kind), " at ", error.offset);
  };
  const auto parsed = JmesPath::parse(expression);
  if (!parsed.ok()) return failure(parsed.error());
  const auto found = parsed->search(*json);
  return found.ok() ? to_text(found->json()) : failure(found.error());
}

inline void expect_answers(const std::vector<SearchRow>& rows) {
  for (const SearchRow& row : rows) {
    EXPECT_EQ(searched(row.expression, row.document), row.answer)
        << row.expression << " on " << row.document;
  }
}

}  // namespace keyferry::trial
