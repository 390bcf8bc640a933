#include "manifest/object_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/complete_problem.h"
#include "base/strings.h"
#include "manifest/example_objects.h"

namespace keyferry::manifest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

// A mapping under the name "spec" of an object in m.yaml, and what is said about it.
class Reader : public testing::Test {
 protected:
  ObjectReader of(std::string_view text) {
    problems.clear();
    meta = {};
    meta.kind = "Thing";
    meta.name = "it";
    meta.file = "m.yaml";
    meta.line = 1;
    documents = *parse_yaml(text);
    return ObjectReader(documents.empty() ? nullptr : &documents.front(), "spec", meta, problems);
  }
  std::vector<std::string> said() const { return example::texts(problems); }

  ObjectMeta meta;
  std::vector<Yaml> documents;
  Problems problems;
};

TEST_F(Reader, AbsentNullAndEmptyMembersAreEmptyValues) {
  for (const char* text : {"other: 1\n", "key:\n", "key: ~\n", ""}) {
    const ObjectReader reader = of(text);
    EXPECT_EQ(reader.member("key"), nullptr) << text;
    EXPECT_EQ(reader.text("key"), "");
    EXPECT_FALSE(reader.whole_number("key"));
    EXPECT_FALSE(reader.truth("key"));
    EXPECT_THAT(reader.text_map("key"), IsEmpty());
    EXPECT_THAT(reader.text_list("key"), IsEmpty());
    EXPECT_TRUE(reader.items("key").empty());
    EXPECT_EQ(reader.below("key").node(), nullptr);
    EXPECT_THAT(said(), IsEmpty()) << text;
  }
}

TEST_F(Reader, ValuesOfTheRightTypeAreRead) {
  const ObjectReader reader =
      of("text: words\nquoted: '7'\nnumber: 7\noctal: 0644\ntruth: true\n"
         "map: {a: b, empty: }\nlist: [a, b]\nitems: [{a: 1}, {a: 2}]\nbelow: {inside: x}\n");
  EXPECT_EQ(reader.text("text"), "words");
  EXPECT_EQ(reader.text("quoted"), "7");
  EXPECT_EQ(reader.whole_number("number"), 7);
  EXPECT_EQ(reader.whole_number("octal"), 420);
  EXPECT_EQ(reader.truth("truth"), true);
  EXPECT_THAT(reader.text_map("map"), ElementsAre(Pair("a", "b"), Pair("empty", "")));
  EXPECT_THAT(reader.text_list("list"), ElementsAre("a", "b"));
  ASSERT_EQ(reader.items("items").size(), 2U);
  EXPECT_EQ(reader.items("items")[1].whole_number("a"), 2);
  EXPECT_EQ(reader.below("below").text("inside"), "x");
  EXPECT_THAT(said(), IsEmpty());
}

// As kubectl reads plain scalars (YAML 1.1); 1-2 and 10.24.14 only look like numbers.
TEST_F(Reader, ATextWithoutQuotesThatIsNoTextIsRefused) {
  for (const char* scalar : {"true", "False", "yes", "NO", "on", "Off"}) {
    of(std::string("key: ") + scalar).text("key");
    EXPECT_THAT(said(),
                ElementsAre("m.yaml:1: error: Thing it: spec.key: is true or false, not a string; "
                            "put it in quotes; the API server refuses it otherwise"))
        << scalar;
  }
  for (const char* scalar :
       {"7", "-7", "0644", "0x1F", "1_000", "1.5", ".5", "5.", "1e5", "-1.5E-3", "+7.0"}) {
    of(std::string("key: ") + scalar).text("key");
    EXPECT_THAT(said(), ElementsAre(HasSubstr("is a number, not a string"))) << scalar;
  }
  for (const char* scalar :
       {"text", "'true'", "\"7\"", "10.24.14", "1-2", "2026-01-31", "e5", "inf", "nan", "1.5x",
        "-x", ".", "+", "yess", "tRue", "1:30", "!!str 7", "|\n  7"}) {
    of(std::string("key: ") + scalar).text("key");
    EXPECT_THAT(said(), IsEmpty()) << scalar;
  }
}

TEST_F(Reader, LenientTextsAreTakenAsWrittenWithAWarning) {
  const auto lenient = ObjectReader::Quoting::kLenient;
  EXPECT_EQ(of("key: text").text("key", lenient), "text");
  EXPECT_THAT(said(), IsEmpty());
  for (const std::string_view scalar : {"10.10", "0644", "true"}) {
    EXPECT_EQ(of(cat("key: ", scalar)).text("key", lenient), scalar);
    EXPECT_THAT(said(), ElementsAre(HasSubstr("warning: Thing it: spec.key: is ")));
  }
  EXPECT_EQ(of("key: [x]").text("key", lenient), "");
  EXPECT_THAT(said(), ElementsAre(HasSubstr("is a sequence, not a string")));
}

TEST_F(Reader, EveryWrongTypeIsNamedWithLineFieldAndRemedy) {
  struct Row {
    std::string text;
    void (*ask)(const ObjectReader&);
    std::string said;
  };
  const Row rows[] = {
      {"\nkey: {a: b}", [](const ObjectReader& r) { r.text("key"); },
       "m.yaml:2: error: Thing it: spec.key: is a mapping, not a string; write one string"},
      {"key: '7'", [](const ObjectReader& r) { r.whole_number("key"); },
       "m.yaml:1: error: Thing it: spec.key: is not a whole number; write digits without quotes"},
      {"key: 1.5", [](const ObjectReader& r) { r.whole_number("key"); },
       "m.yaml:1: error: Thing it: spec.key: is not a whole number; write digits without quotes"},
      {"key: 'true'", [](const ObjectReader& r) { r.truth("key"); },
       "m.yaml:1: error: Thing it: spec.key: is neither true nor false; "
       "write true or false without quotes"},
      {"key: yes", [](const ObjectReader& r) { r.truth("key"); },
       "m.yaml:1: error: Thing it: spec.key: is neither true nor false; "
       "write true or false without quotes"},
      {"key: text", [](const ObjectReader& r) { r.text_map("key"); },
       "m.yaml:1: error: Thing it: spec.key: is a scalar, not a mapping; "
       "write it as 'name: value' lines, indented alike"},
      {"key:\n  a: b\n  c: [x]", [](const ObjectReader& r) { r.text_map("key"); },
       "m.yaml:3: error: Thing it: spec.key.c: is a sequence, not a string; write one string"},
      {"key: text", [](const ObjectReader& r) { r.text_list("key"); },
       "m.yaml:1: error: Thing it: spec.key: is a scalar, not a sequence; write '- item' lines"},
      {"key:\n- a\n- 7", [](const ObjectReader& r) { r.text_list("key"); },
       "m.yaml:3: error: Thing it: spec.key[1]: is a number, not a string; "
       "put it in quotes; the API server refuses it otherwise"},
      {"key: {a: b}", [](const ObjectReader& r) { r.items("key"); },
       "m.yaml:1: error: Thing it: spec.key: is a mapping, not a sequence; write '- item' lines"},
      {"key:\n- {a: b}\n- text", [](const ObjectReader& r) { r.items("key"); },
       "m.yaml:3: error: Thing it: spec.key[1]: is a scalar, not a mapping; "
       "write it as 'name: value' lines, indented alike"},
      {"- a", [](const ObjectReader&) {},
       "m.yaml:1: error: Thing it: spec: is a sequence, not a mapping; "
       "write it as 'name: value' lines, indented alike"},
  };
  for (const Row& row : rows) {
    row.ask(of(row.text));
    EXPECT_THAT(said(), ElementsAre(row.said)) << row.text;
    EXPECT_EQ(without_advice(problems), "");
    EXPECT_EQ(without_place(problems), "");
  }
}

TEST_F(Reader, UnknownMembersAreWarnedAboutWithTheNearest) {
  of("provider: x\nprovidr: y\nwholly-other: z\n").warn_unknown({"provider", "parameters"});
  EXPECT_THAT(said(), ElementsAre("m.yaml:2: warning: Thing it: spec.providr: is not a known "
                                  "field; did you mean 'provider'?",
                                  "m.yaml:3: warning: Thing it: spec.wholly-other: is not a known "
                                  "field; remove it, or check the spelling"));
}

TEST_F(Reader, TheLineOfAnAbsentMemberIsItsMappings) {
  EXPECT_EQ(of("\n\na: b").line_of("missing"), 3);
  EXPECT_EQ(of("").line_of("missing"), 1) << "the object's own line where there is no mapping";
  EXPECT_EQ(of("").below("deeper").field("key"), "spec.deeper.key");
}

}  // namespace
}  // namespace keyferry::manifest
