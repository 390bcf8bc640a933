#include "catalog/value_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/strings.h"
#include "catalog/example_files.h"

namespace keyferry::catalog {
namespace {

using example::on;
using example::with_model;
using testing::HasSubstr;
using testing::Not;

struct Row {
  std::string_view text;
  std::string_view json;  // "": refused
  std::string_view says;  // part of the warning or the refusal; "": silent
};

void expect_rows(std::string_view key, const std::vector<Row>& rows,
                 const AppContext& context = {}) {
  const KeyName name = read_key_name(key, context);
  ASSERT_NE(name.row, nullptr) << key;
  for (const Row& row : rows) {
    SCOPED_TRACE(cat(key, " = '", row.text, "'"));
    const auto value = read_value(name, row.text, context);
    if (row.json.empty()) {
      ASSERT_FALSE(value.ok()) << value->json.expose();
      EXPECT_EQ(value.error().code(), ErrorCode::kInvalidArgument);
      EXPECT_THAT(value.error().message(), HasSubstr(std::string(row.says)));
      EXPECT_THAT(value.error().message(), HasSubstr("; ")) << "what to do next";
      continue;
    }
    ASSERT_TRUE(value.ok()) << value.error().message();
    EXPECT_EQ(value->json.expose(), row.json);
    EXPECT_THAT(value->warning, HasSubstr(std::string(row.says)));
    EXPECT_EQ(value->warning.empty(), row.says.empty()) << value->warning;
    EXPECT_EQ(value->warning.empty(), value->warning.find("; ") == std::string::npos)
        << "what to do next: " << value->warning;
  }
}

TEST(DatabaseType, IsReadWithoutCaseAndSentInItsCanonicalSpelling) {
  expect_rows("database-type", {
                                   {"PostgreSQL", R"("PostgreSQL")", ""},
                                   {"POSTGRESQL", R"("PostgreSQL")", ""},
                                   {"postgresql", R"("PostgreSQL")", ""},
                                   {" PostgreSQL ", R"("PostgreSQL")", ""},
                                   {"SQLSERVER", R"("SQLSERVER")", ""},
                                   {"SqlServer", R"("SQLSERVER")", ""},
                                   {"HSQLDB", R"("HSQLDB")", ""},
                               });
}

TEST(DatabaseType, ThePostgresAliasIsTakenWithAWarning) {
  expect_rows("database-type", {{"postgres", R"("PostgreSQL")", "write PostgreSQL"},
                                {"Postgres", R"("PostgreSQL")", "write PostgreSQL"}});
}

TEST(DatabaseType, WhatTheOperatorDoesNotSupportIsSentWithAWarning) {
  expect_rows("database-type", {
                                   {"MySQL", R"("MYSQL")", "MYSQL is not supported"},
                                   {"oracle", R"("ORACLE")", "not supported"},
                                   {"SAPHANA", R"("SAPHANA")", "not supported"},
                                   {"Db2", R"("DB2")", "not supported"},
                               });
}

TEST(DatabaseType, AnythingElseIsRefused) {
  expect_rows("database-type", {{"", "", "not a database type"},
                                {"mongodb", "", "PostgreSQL or SQLSERVER"},
                                {"postgre", "", "not a database type"},
                                {"mssql", "", "not a database type"}});
}

TEST(DatabaseHost, IsAHostWithOrWithoutAPort) {
  expect_rows("database-host", {
                                   {"pg.example.com:5432", R"("pg.example.com:5432")", ""},
                                   {"pg.example.com", R"("pg.example.com")", ""},
                                   {"10.0.0.7:1433", R"("10.0.0.7:1433")", ""},
                                   {"[2001:db8::1]:5432", R"("[2001:db8::1]:5432")", ""},
                                   {"[2001:db8::1]", R"("[2001:db8::1]")", ""},
                                   {"db:1", R"("db:1")", ""},
                                   {"db:65535", R"("db:65535")", ""},
                               });
}

TEST(DatabaseHost, NoOtherFormIsTaken) {
  for (const std::string_view text :
       {"", ":5432", "pg.example.com:", "pg.example.com:0", "pg.example.com:65536",
        "pg.example.com:54a2", "pg.example.com:-1", "jdbc:postgresql://pg.example.com:5432/x",
        "https://pg.example.com", "pg.example.com/my-app", "user@pg.example.com",
        "a.example.com,b.example.com", "2001:db8::1", "[2001:db8::1", "2001:db8::1]:5432",
        "[]:5432", "pg.example.com :5432", "pg.example.com:5432 "}) {
    expect_rows("database-host", {{text, "", "host:port"}});
  }
}

TEST(StorageService, IsOneOfTheTwoNames) {
  expect_rows("storage-service-name",
              {
                  {"com.mendix.storage.s3", R"("com.mendix.storage.s3")", ""},
                  {"com.mendix.storage.azure", R"("com.mendix.storage.azure")", ""},
                  {" com.mendix.storage.s3 ", R"("com.mendix.storage.s3")", ""},
                  {"s3", R"("com.mendix.storage.s3")", "is read as com.mendix.storage.s3"},
                  {"azure", R"("com.mendix.storage.azure")", "is read as"},
                  {"com.mendix.storage.localfilesystem", "", "com.mendix.storage.azure"},
                  {"gcs", "", "is not com.mendix.storage.s3"},
                  {"", "", "is not com.mendix.storage.s3"},
              });
}

TEST(Booleans, AreTrueOrFalseWithoutCaseAndTrimmed) {
  for (const std::string_view key : {"storage-azure-use-default-azure-credential",
                                     "storage-azure-use-https", "storage-use-ca-certificates"}) {
    expect_rows(key, {
                         {"true", "true", ""},
                         {"False", "false", ""},
                         {" TRUE ", "true", ""},
                         {"yes", "", "neither true nor false"},
                         {"1", "", "neither true nor false"},
                         {"\"true\"", "", "neither true nor false"},
                         {"", "", "neither true nor false"},
                     });
  }
}

TEST(Delete, TrueStaysTrueAndTheThreeWordsPassUnchanged) {
  for (const AppContext& context : {AppContext{}, on("9.6.10"), on("10.24.14")}) {
    expect_rows("storage-perform-delete",
                {
                    {"true", "true", ""},
                    {"TRUE ", "true", ""},
                    {"AllFiles", R"("AllFiles")", ""},
                    {"TemporaryFiles", R"("TemporaryFiles")", ""},
                    {"NoFiles", R"("NoFiles")", ""},
                    {"allfiles", "", "AllFiles, TemporaryFiles or NoFiles"},
                    {"never", "", "true, false"},
                    {"", "", "true, false"},
                },
                context);
  }
}

// false once still deleted the temporary files; NoFiles means what people mean by it.
TEST(Delete, FalseBecomesNoFilesOnceTheRuntimeKnowsIt) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"", "false"},
      {"8.18.0", "false"},
      {"9.6.10", "false"},
      {"9.6.11", R"("NoFiles")"},
      {"9.7.0", "false"},
      {"9.11.9", "false"},
      {"9.12.0", R"("NoFiles")"},
      {"10.24.14", R"("NoFiles")"},
      {"11.6", R"("NoFiles")"},
  };
  for (const auto& [version, json] : rows) {
    SCOPED_TRACE(version);
    expect_rows("storage-perform-delete", {{"false", json, ""}, {"False", json, ""}}, on(version));
  }
}

TEST(BucketName, IsOneFolderName) {
  expect_rows("storage-bucket-name", {
                                         {"subdirectory", R"("subdirectory")", ""},
                                         {"bucket/folder", "", "must not hold '/'"},
                                         {"folder/", "", "must not hold '/'"},
                                         {"", "", "is empty"},
                                     });
}

TEST(Texts, KeepTheirBlanksAndSaySo) {
  for (const std::string_view key :
       {"database-password", "database-username", "storage-secret-access-key",
        "storage-azure-account-key", "storage-endpoint"}) {
    expect_rows(key, {
                         {"Welc0me!", R"("Welc0me!")", ""},
                         {"in the middle", R"("in the middle")", ""},
                         {" before", R"(" before")", "a blank, which is kept"},
                         {"after ", R"("after ")", "a blank, which is kept"},
                         {"line\n", R"("line\n")", "a blank, which is kept"},
                     });
  }
}

// An empty database-password must not become a login by identity: that is the key's absence.
TEST(Texts, EmptyIsRefusedForEveryDedicatedText) {
  for (const KeyRow& row : key_table()) {
    if (row.setting.empty() || row.effect != Effect::kSetting) continue;
    SCOPED_TRACE(row.key);
    EXPECT_FALSE(read_value(read_key_name(row.key, {}), "", {}).ok());
  }
}

TEST(Texts, AreEscapedAsJsonStrings) {
  expect_rows("database-password", {{R"(a"b\c)", R"("a\"b\\c")", ""},
                                    {"gr\xC3\xBC\xC3\x9F", "\"gr\xC3\xBC\xC3\x9F\"", ""}});
  EXPECT_EQ(json_text("tab\there").expose(), R"("tab\there")");
}

TEST(FileText, LosesExactlyOneLineEnd) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"value", "value"},
      {"value\n", "value"},
      {"value\r\n", "value"},
      {"value\n\n", "value\n"},
      {"value\r", "value\r"},
      {"value\r\n\r\n", "value\r\n"},
      {"\n", ""},
      {"", ""},
      {" value ", " value "},
      {"\nvalue", "\nvalue"},
      {"two\nlines\n", "two\nlines"},
  };
  for (const auto& [bytes, text] : rows) {
    const auto read = text_of(bytes);
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(*read, text);
  }
}

TEST(FileText, MustBeUtf8WithoutNul) {
  using std::string_view_literals::operator""sv;
  for (const std::string_view bytes : {"\xFF\xFE"sv, "ab\xC3"sv, "\xC0\xAF"sv}) {
    const auto read = text_of(bytes);
    ASSERT_FALSE(read.ok());
    EXPECT_THAT(read.error().message(), HasSubstr("not UTF-8"));
  }
  const auto nul = text_of("a\0b"sv);
  ASSERT_FALSE(nul.ok());
  EXPECT_THAT(nul.error().message(), HasSubstr("NUL byte"));
}

TEST(RuntimeSettings, OnlyArraysAndObjectsTravelAsJson) {
  expect_rows("mx-runtime-Some.Setting",
              {
                  {"true", R"("true")", ""},
                  {"123", R"("123")", ""},
                  {"null", R"("null")", ""},
                  {"\"quoted\"", R"("\"quoted\"")", ""},
                  {"", R"("")", ""},
                  {" plain ", R"(" plain ")", ""},
                  {"[1, 2]", "[1,2]", ""},
                  {" {\"a\": true} \n", R"({"a":true})", ""},
                  {"[]", "[]", ""},
                  {"{not json", R"("{not json")", "begins like JSON but is not"},
                  {"[x]", R"("[x]")", "sent as text"},
              });
}

TEST(RuntimeSettings, NumbersInsideJsonKeepTheirText) {
  expect_rows("mx-runtime-Some.Setting",
              {{"[1.50, 12345678901234567890]", "[1.50,12345678901234567890]", ""}});
}

TEST(EncryptionKeys, MustBeAnArrayOfWholeKeysWithIdsOfTheirOwn) {
  expect_rows(
      "mx-runtime-com.mendix.storage.s3.EncryptionKeys",
      {
          {R"([{"keyID":"first","algorithm":"AES","key":"a2V5"}])",
           R"([{"algorithm":"AES","key":"a2V5","keyID":"first"}])", ""},
          {R"([{"keyID":"a","algorithm":"AES","key":"a2V5"},{"keyID":"b","algorithm":"AES","key":"a2V5"}])",
           R"([{"algorithm":"AES","key":"a2V5","keyID":"a"},{"algorithm":"AES","key":"a2V5","keyID":"b"}])",
           ""},
          {R"([{"keyID":"first","algorithm":"AES","key":"a2V5"},{"keyID":"first","algorithm":"AES","key":"a2V5"}])",
           "", "entry 1 has a keyID that stands twice"},
          {R"([{"keyID":"first","algorithm":"AES","key":"%%%"}])", "", "not base64"},
          {R"([{"keyID":"first","key":"a2V5"}])", "",
           "entry 0 is not whole; give it keyID, algorithm and key"},
          {R"([{"algorithm":"AES","key":"a2V5"}])", "", "give it keyID"},
          {R"({"keyID":"first"})", "", "is not a JSON array"},
          {"[{]", "", "is not a JSON array"},
          {"AES", "", "is not a JSON array"},
          {"", "", "is not a JSON array"},
      });
}

TEST(EncryptionKeys, AreAesOnlyOnceTheRuntimeReadsNothingElse) {
  constexpr std::string_view kKey = "mx-runtime-com.mendix.storage.s3.EncryptionKeys";
  constexpr std::string_view kDes = R"([{"keyID":"a","algorithm":"DES","key":"a2V5"}])";
  constexpr std::string_view kSent = R"([{"algorithm":"DES","key":"a2V5","keyID":"a"}])";
  expect_rows(kKey, {{kDes, kSent, ""}});
  expect_rows(kKey, {{kDes, kSent, ""}}, on("11.5.9"));
  expect_rows(kKey,
              {{kDes, "", "entry 0 has an algorithm that runtime 11.6.0 does not read"},
               {R"([{"keyID":"a","algorithm":"AES","key":"a2V5"}])",
                R"([{"algorithm":"AES","key":"a2V5","keyID":"a"}])", ""}},
              on("11.6.0"));
}

TEST(RuntimeSettings, OldSignaturesEndWithTheOldSdk) {
  constexpr std::string_view kKey = "mx-runtime-com.mendix.storage.s3.UseV2Auth";
  expect_rows(kKey, {{"true", R"("true")", ""}});
  expect_rows(kKey, {{"true", R"("true")", ""}}, on("11.5.9"));
  expect_rows(kKey, {{"true", R"("true")", "runtime 11.6.0 no longer has"}}, on("11.6"));
}

// The runtime wants one text with commas; a JSON array is what people write.
TEST(RuntimeSettings, ListsOfTextsBecomeOneTextWhereTheRuntimeWantsOne) {
  for (const std::string_view setting : {"CACertificates", "ClientCertificates",
                                         "ClientCertificatePasswords", "MyScheduledEvents"}) {
    expect_rows(cat("mx-runtime-", setting), {{R"(["/a", "/b"])", R"("/a,/b")", ""},
                                              {R"(["/a"])", R"("/a")", ""},
                                              {"/a,/b", R"("/a,/b")", ""},
                                              {"[]", R"("")", ""},
                                              {"[1]", "[1]", ""}});
  }
  expect_rows("mx-runtime-WebServiceClientCertificates",
              {{R"(["/a", "/b"])", R"(["/a","/b"])", ""}, {R"({"a": "b"})", R"({"a":"b"})", ""}});
}

TEST(Constants, AreTextsWithoutAModel) {
  expect_rows("mx-const-Shop.Limit", {{"1234", R"("1234")", ""},
                                      {"true", R"("true")", ""},
                                      {"", R"("")", ""},
                                      {"{\"a\":1}", R"("{\"a\":1}")", ""}});
}

TEST(Constants, AreTypedByTheModel) {
  const AppContext context = with_model({{"Shop.Limit", "Integer"},
                                         {"Shop.Big", "Long"},
                                         {"Shop.Title", "String"},
                                         {"Shop.On", "Boolean"},
                                         {"Shop.Price", "Decimal"}});
  expect_rows("mx-const-Shop.Limit",
              {{"1234", "1234", ""},
               {" -5 ", "-5", ""},
               {"007", "7", ""},
               {"many", "", "constant Shop.Limit is Integer in the model"},
               {"1.5", "", "write digits"},
               {"99999999999999999999", "", "write digits"},
               {"", "", "write digits"}},
              context);
  expect_rows("mx-const-Shop.Big", {{"5000000000", "5000000000", ""}, {"x", "", "is Long"}},
              context);
  expect_rows("mx-const-Shop.Title", {{"1234", R"("1234")", ""}}, context);
  expect_rows("mx-const-Shop.On", {{"true", R"("true")", ""}}, context);
  expect_rows("mx-const-Shop.Price", {{"1.50", R"("1.50")", ""}}, context);
}

TEST(Refusals, NeverShowTheValue) {
  const std::string_view value = "hunter2/ not ok";
  const AppContext context = with_model({{"Shop.Limit", "Integer"}});
  int refusals = 0;
  for (const KeyRow& row : key_table()) {
    const std::string name = cat(row.key, row.group == Group::kConstant  ? "Shop.Limit"
                                          : row.group == Group::kRuntime ? "Some.Setting"
                                                                         : "");
    const auto read = read_value(read_key_name(name, context), value, context);
    const std::string said = read.ok() ? read->warning : read.error().message();
    refusals += read.ok() ? 0 : 1;
    EXPECT_THAT(said, Not(HasSubstr("hunter2"))) << name;
  }
  EXPECT_GE(refusals, 8);
}

}  // namespace
}  // namespace keyferry::catalog
