#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/strings.h"
#include "identity/aws_endpoints.h"
#include "identity/aws_error.h"
#include "identity/sts.h"
#include "net/fake_http.h"

namespace keyferry {
namespace {

using ::testing::HasSubstr;

TEST(AwsEndpoints, EveryPartitionHasItsDomain) {
  const struct {
    const char* region;
    const char* plain;
    const char* dual_stack;
  } rows[] = {
      {"eu-west-1", "https://ssm.eu-west-1.amazonaws.com", "https://ssm.eu-west-1.api.aws"},
      {"us-gov-west-1", "https://ssm.us-gov-west-1.amazonaws.com",
       "https://ssm.us-gov-west-1.api.aws"},
      {"cn-north-1", "https://ssm.cn-north-1.amazonaws.com.cn",
       "https://ssm.cn-north-1.api.amazonwebservices.com.cn"},
      {"us-iso-east-1", "https://ssm.us-iso-east-1.c2s.ic.gov",
       "https://ssm.us-iso-east-1.api.aws.ic.gov"},
      {"eusc-de-east-1", "https://ssm.eusc-de-east-1.amazonaws.eu",
       "https://ssm.eusc-de-east-1.api.amazonwebservices.eu"},
  };
  for (const auto& row : rows) {
    AwsEndpoints endpoints;
    EXPECT_EQ(endpoints.endpoint_of("ssm", row.region), row.plain);
    endpoints.dual_stack = true;
    EXPECT_EQ(endpoints.endpoint_of("ssm", row.region), row.dual_stack);
  }
  AwsEndpoints fips;
  fips.fips = true;
  EXPECT_EQ(fips.endpoint_of("sts", "us-east-1"), "https://sts-fips.us-east-1.amazonaws.com");
}

TEST(AwsEndpoints, VariablesOfTheSdksAreRead) {
  std::map<std::string, std::string, std::less<>> set = {
      {"AWS_ENDPOINT_URL", "http://all:1/"},
      {"AWS_ENDPOINT_URL_STS", " http://sts:2 "},
      {"AWS_USE_FIPS_ENDPOINT", "True"},
  };
  const Environment environment = [&](std::string_view name) {
    const auto found = set.find(name);
    return found == set.end() ? std::string() : found->second;
  };
  AwsEndpoints endpoints = endpoints_of_environment(environment);
  EXPECT_TRUE(endpoints.fips);
  EXPECT_FALSE(endpoints.dual_stack);
  EXPECT_EQ(endpoints.endpoint_of("sts", "eu-west-1"), "http://sts:2");
  EXPECT_EQ(endpoints.endpoint_of("secretsmanager", "eu-west-1"), "http://all:1");
  set["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true";
  endpoints = endpoints_of_environment(environment);
  EXPECT_TRUE(endpoints.overrides.empty());
}

TEST(AwsError, IsReadFromWhereverTheServiceWritesIt) {
  const struct {
    std::string_view body;
    std::vector<Header> headers;
    const char* code;
    const char* message;
  } rows[] = {
      {R"({"__type":"ResourceNotFoundException","message":"m"})",
       {},
       "ResourceNotFoundException",
       "m"},
      {R"({"__type":"com.amazonaws.x#Denied","Message":"m"})", {}, "Denied", "m"},
      {R"({"message":"m"})", {{"x-amzn-ErrorType", "Denied:http://internal/"}}, "Denied", "m"},
      {"<ErrorResponse><Error><Code>C</Code><Message>m</Message></Error></ErrorResponse>",
       {},
       "C",
       "m"},
      {"<Response><Errors><Error><Code>C</Code></Error></Errors></Response>", {}, "C", ""},
      {"<Error><Code>C</Code><Message>m</Message></Error>", {}, "C", "m"},
      {"gateway trouble", {}, "", ""},
      {"", {}, "", ""},
  };
  for (const auto& row : rows) {
    const AwsError error = read_aws_error(FakeHttp::response(400, row.body, row.headers));
    EXPECT_EQ(error.code, row.code) << row.body;
    EXPECT_EQ(error.message, row.message) << row.body;
  }
}

TEST(AwsError, TheServicesWordDecidesBeforeTheStatus) {
  const WallTime now{};
  const auto code_of = [&](int status, const std::string& word) {
    return aws_error_of(FakeHttp::response(status, cat(R"({"__type":")", word, "\"}")), now).code();
  };
  EXPECT_EQ(code_of(400, "ThrottlingException"), ErrorCode::kResourceExhausted);
  EXPECT_EQ(code_of(400, "ResourceNotFoundException"), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(400, "AccessDeniedException"), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code_of(403, "SignatureDoesNotMatch"), ErrorCode::kUnauthenticated);
  EXPECT_EQ(code_of(400, "SomethingNew"), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(500, "SomethingNew"), ErrorCode::kUnavailable);
  EXPECT_EQ(code_of(429, ""), ErrorCode::kResourceExhausted);
  EXPECT_EQ(code_of(403, ""), ErrorCode::kPermissionDenied);
}

// The server only says that the signature expired; that the clock is wrong is for us to see.
TEST(AwsError, AClockThatIsWrongIsTold) {
  const auto response = FakeHttp::response(
      400,
      R"({"__type":"InvalidSignatureException","message":"Signature expired: 2023 is now earlier"})",
      {{"Date", "Tue, 14 Nov 2023 22:23:20 GMT"}});
  const Error error = aws_error_of(response, WallTime(std::chrono::seconds(1'700'000'000)));
  EXPECT_THAT(error.message(), HasSubstr("the clock here is 600 s behind the server's"));
}

TEST(Sts, ASessionsNameFitsWhatItsFieldTakes) {
  EXPECT_EQ(sts::session_name_of("shop", "web"), "keyferry-shop-web");
  EXPECT_EQ(sts::session_name_of("", "web"), "keyferry-web");
  EXPECT_EQ(sts::session_name_of("a b", "c/d"), "keyferry-a-b-c-d");
  EXPECT_EQ(sts::session_name_of(std::string(100, 'x'), "y").size(), 64U);
}

}  // namespace
}  // namespace keyferry
