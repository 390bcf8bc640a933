#include <gtest/gtest.h>

#include "base/strings.h"
#include "formats/yaml.h"

namespace keyferry {
namespace {

std::string json_of(std::string_view text) {
  const auto documents = parse_yaml(text);
  if (!documents.ok()) return cat("? ", documents.error().message());
  const auto json = to_json(documents->front());
  return json.ok() ? to_text(*json) : cat("? ", json.error().message());
}

TEST(YamlToJson, PlainScalarsBecomeWhatTheyLookLike) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"~", "null"},
      {"null", "null"},
      {"", "null"},
      {"true", "true"},
      {"False", "false"},
      {"42", "42"},
      {"-1", "-1"},
      {"+5", "5"},
      {"0644", "420"},
      {"0o17", "15"},
      {"0x1f", "31"},
      {"1_000", "1000"},
      {"18446744073709551615", "18446744073709551615"},
      {"1.50", "1.50"},
      {"1e3", "1e3"},
      {".5", "0.5"},
      {"-.5", "-0.5"},
      {"+1.5", "1.5"},
      {"1.", "1"},
      {"1.e3", "1e3"},
      {"08", "8"},
      {"-008.50", "-8.50"},
      {"0.0", "0.0"},
      {"plain text", R"("plain text")"},
      {"yes", R"("yes")"},
      {"2024-01-31", R"("2024-01-31")"},
      {"10-20", R"("10-20")"},
      {"1.2.3", R"("1.2.3")"},
      {"1e", R"("1e")"},
      {"e5", R"("e5")"},
      {".", R"(".")"},
      {".inf", R"(".inf")"},
      {"12a", R"("12a")"},
  };
  for (const auto& [text, json] : cases) {
    EXPECT_EQ(json_of(cat("k: ", text, "\n")), cat(R"({"k":)", json, "}")) << text;
  }
}

TEST(YamlToJson, QuotedScalarsAreStrings) {
  for (const std::string_view text : {"'true'", "\"42\"", "'~'", "''", "\"null\"", "'0644'"}) {
    EXPECT_EQ(json_of(cat("k: ", text)), cat(R"({"k":")", text.substr(1, text.size() - 2), "\"}"));
  }
  EXPECT_EQ(json_of("k: |\n  42\n"), R"({"k":"42\n"})");
}

TEST(YamlToJson, StructureIsKept) {
  EXPECT_EQ(json_of("b: [1, {c: x}, []]\na: {}\n"), R"({"a":{},"b":[1,{"c":"x"},[]]})");
  EXPECT_EQ(json_of("- 1\n- [2]\n"), "[1,[2]]");
}

TEST(YamlToJson, KeysAreTextsWhateverTheyLookLike) {
  EXPECT_EQ(json_of("1: a\ntrue: b\n"), R"({"1":"a","true":"b"})");
}

TEST(YamlToJson, AKeyThatIsNothingIsRefused) {
  EXPECT_EQ(json_of("a: 1\n~: 2\n"), "? line 2: a key is null, not a text");
}

TEST(YamlToJson, JsonIsYamlToo) {
  constexpr std::string_view kText = R"({"a":[1,2.5,"x\n",null,true],"b":{"c":"/"}})";
  EXPECT_EQ(json_of(kText), kText);
}

TEST(JsonToYaml, TypesAndTextsStayWhatTheyAre) {
  for (const std::string_view text :
       {R"({"a":[1,1.50,"1","true",true,null,{}],"b":{"c d":"x\ny"}})", "[]", "null", "\"~\""}) {
    EXPECT_EQ(to_text(*to_json(to_yaml(*parse_json(text)))), text);
  }
}

}  // namespace
}  // namespace keyferry
