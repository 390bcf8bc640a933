#include "stores/object_extras.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/strings.h"

namespace keyferry::stores {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// "id path contents" of each file, or "id: why there is none".
std::vector<std::string> expanded(std::string_view value) {
  const auto version = [](const std::string&, const Secret&) { return std::string("7"); };
  std::vector<std::string> lines;
  for (const FetchedObject& file : expand_keys({"all", 0400U, version}, *parse_json(value))) {
    lines.push_back(file.file.ok()
                        ? cat(file.id, ' ', file.file->path, ' ', file.file->contents.expose())
                        : cat(file.id, ": ", file.file.error().message()));
  }
  return lines;
}

TEST(ObjectExtrasTest, EachKeyIsAFileAndWhatIsNoTextIsJson) {
  EXPECT_THAT(expanded(R"({"user":"u","port":5432,"tls":true,"none":null,"list":[1,"a"]})"),
              ElementsAre(R"(all[list] list [1,"a"])", "all[none] none null", "all[port] port 5432",
                          "all[tls] tls true", "all[user] user u"));
  EXPECT_THAT(expanded("{}"), IsEmpty());
}

TEST(ObjectExtrasTest, FilesHaveTheObjectsModeAndVersion) {
  const auto version = [](const std::string& path, const Secret& contents) {
    return cat(path, '@', contents.expose());
  };
  const auto files = expand_keys({"all", 0400U, version}, *parse_json(R"({"a":"x"})"));
  EXPECT_EQ(files.at(0).file->mode, 0400U);
  EXPECT_EQ(files.at(0).file->version, "a@x");
}

TEST(ObjectExtrasTest, WhatIsNoObjectSaysWhatItIs) {
  EXPECT_THAT(expanded(R"(["a"])"),
              ElementsAre(AllOf(HasSubstr("all: expandKeys needs a JSON object"),
                                HasSubstr("is an array; store {"))));
  EXPECT_THAT(expanded(R"("a")"), ElementsAre(HasSubstr("is a string")));
}

// All of them at once, and no file at all: a set with a hole is none.
TEST(ObjectExtrasTest, EveryKeyThatCannotBeAFileIsNamed) {
  EXPECT_THAT(expanded(R"({"good":"1","../up":"2","..data":"3"})"),
              ElementsAre(AllOf(HasSubstr("key '../up'"), HasSubstr("key '..data'"),
                                HasSubstr("rename the keys in the store"))));
}

TEST(ObjectExtrasTest, WhatIsHeldOfAnObjectIsKnownByItsName) {
  const std::map<std::string, std::string> held = {
      {"all[a]", "7"}, {"all[b]", "7"}, {"all2[c]", "8"}, {"all", "9"}};
  EXPECT_THAT(held_expansion("all", held).ids, ElementsAre("all[a]", "all[b]"));
  EXPECT_EQ(held_expansion("all", held).version, "7");
  EXPECT_THAT(held_expansion("al", held).ids, IsEmpty());
  const std::map<std::string, std::string> mixed = {{"all[a]", "7"}, {"all[b]", "8"}};
  EXPECT_EQ(held_expansion("all", mixed).version, "");
}

}  // namespace
}  // namespace keyferry::stores
