#include "catalog/model_metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace keyferry::catalog {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ModelMetadata, ListsTheConstantsWithTheirTypes) {
  const auto constants = constants_of_metadata(R"({
    "RuntimeVersion": "10.24.14", "ModelVersion": "1.0.0", "AdminUser": "MxAdmin",
    "Constants": [{"Name": "Shop.Title", "Type": "String", "DefaultValue": "Fruit"},
                  {"Name": "Shop.Limit", "Type": "Integer", "DefaultValue": 10}],
    "ScheduledEvents": [{"Name": "Shop.Nightly"}]})");
  ASSERT_TRUE(constants.ok()) << constants.error().message();
  ASSERT_EQ(constants->size(), 2U);
  EXPECT_EQ((*constants)[0].name, "Shop.Title");
  EXPECT_EQ((*constants)[0].type, "String");
  EXPECT_EQ((*constants)[1].name, "Shop.Limit");
  EXPECT_EQ((*constants)[1].type, "Integer");
}

TEST(ModelMetadata, AnAppWithoutConstantsHasAnEmptyList) {
  const auto constants = constants_of_metadata(R"({"Constants": []})");
  ASSERT_TRUE(constants.ok());
  EXPECT_TRUE(constants->empty());
}

TEST(ModelMetadata, EntriesWithoutANameAreSkipped) {
  const auto constants =
      constants_of_metadata(R"({"Constants": [{"Type": "String"}, 7, {"Name": "A.B"}]})");
  ASSERT_TRUE(constants.ok());
  ASSERT_EQ(constants->size(), 1U);
  EXPECT_EQ((*constants)[0].name, "A.B");
  EXPECT_EQ((*constants)[0].type, "");
}

TEST(ModelMetadata, AnotherFileIsRefusedWithoutQuotingIt) {
  for (const std::string_view text :
       {"", "not json of the model", "[]", "{}", R"({"Constants": {"Shop.Title": "model"}})"}) {
    const auto constants = constants_of_metadata(text);
    ASSERT_FALSE(constants.ok()) << text;
    EXPECT_EQ(constants.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(constants.error().message(), HasSubstr("model metadata: "));
    EXPECT_THAT(constants.error().message(), Not(HasSubstr("Shop.Title")));
  }
}

}  // namespace
}  // namespace keyferry::catalog
