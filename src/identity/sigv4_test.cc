#include "identity/sigv4.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace keyferry::sigv4 {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

// The worked example of the AWS General Reference: keys, time and every intermediate text of it.
constexpr WallTime kNow = WallTime(std::chrono::seconds(1'440'938'160));  // 2015-08-30T12:36:00Z
const Scope kScope{"us-east-1", "iam", kNow};

AwsCredentials example_credentials() {
  return {"AKIDEXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), Secret(), {}};
}

std::string header_of(const Request& request, std::string_view name) {
  for (const Header& header : request.headers) {
    if (header.name == name) return header.value;
  }
  for (const SecretHeader& header : request.secret_headers) {
    if (header.name == name) return std::string(header.value.expose());
  }
  return "";
}

std::string canonical_text(const SignedParts& parts, PathRule rule = PathRule::kEncodedAgain) {
  const auto canonical = canonical_request(parts, rule);
  return canonical.ok() ? canonical->text : canonical.error().message();
}

// The second line of the canonical request.
std::string canonical_path_of(std::string path, PathRule rule = PathRule::kEncodedAgain) {
  const std::string text = canonical_text({"GET", std::move(path), "", {}, ""}, rule);
  return text.substr(4, text.find('\n', 4) - 4);
}

std::string canonical_query_of(std::string query) {
  const std::string text = canonical_text({"GET", "/", std::move(query), {}, ""});
  return text.substr(6, text.find('\n', 6) - 6);
}

TEST(SigV4, TimesAreWrittenInUtc) {
  EXPECT_EQ(timestamp_of(kNow), "20150830T123600Z");
  EXPECT_EQ(date_of(kNow), "20150830");
  EXPECT_EQ(timestamp_of(WallTime(std::chrono::seconds(951'782'399))), "20000228T235959Z");
  EXPECT_EQ(timestamp_of(WallTime(951'782'400s + 999ms)), "20000229T000000Z");
}

TEST(SigV4, EveryStepOfTheWorkedExampleIsAsPublished) {
  const auto canonical =
      canonical_request({"GET",
                         "/",
                         "Action=ListUsers&Version=2010-05-08",
                         {{"Host", "iam.amazonaws.com"},
                          {"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
                          {"X-Amz-Date", "20150830T123600Z"}},
                         "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
                        PathRule::kEncodedAgain);
  ASSERT_TRUE(canonical.ok());
  EXPECT_EQ(canonical->signed_headers, "content-type;host;x-amz-date");
  const std::string text = string_to_sign(kScope, canonical->text);
  EXPECT_EQ(text,
            "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/iam/aws4_request\n"
            "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59");
  const Secret key = signing_key(example_credentials().secret_access_key, kScope);
  EXPECT_EQ(signature(key, text),
            "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

TEST(SigV4, ASignedRequestCarriesTheExamplesAuthorization) {
  Request request;
  request.url = "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08";
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
                     {"User-Agent", "anything"}};
  ASSERT_TRUE(sign(request, example_credentials(), kScope, PathRule::kEncodedAgain).ok());
  EXPECT_EQ(header_of(request, "Authorization"),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
            "SignedHeaders=content-type;host;x-amz-date, "
            "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
  EXPECT_EQ(header_of(request, "X-Amz-Date"), "20150830T123600Z");
  EXPECT_EQ(header_of(request, "X-Amz-Content-Sha256"), "");
}

TEST(SigV4, PathsAreNormalisedAndEncodedAgainExceptForS3) {
  const struct {
    const char* sent;
    const char* signed_as;
  } rows[] = {
      {"", "/"},
      {"/", "/"},
      {"/a/b", "/a/b"},
      {"/a//b/", "/a/b/"},
      {"/./a/./b", "/a/b"},
      {"/a/../b", "/b"},
      {"/../..", "/"},
      {"/a%20b", "/a%2520b"},
      {"/a/..", "/"},
      {"/a:b", "/a%3Ab"},
      {"/%E2%82%AC~-_.", "/%25E2%2582%25AC~-_."},
  };
  for (const auto& row : rows) EXPECT_EQ(canonical_path_of(row.sent), row.signed_as) << row.sent;
  EXPECT_EQ(canonical_path_of("/a//b/../c%20d", PathRule::kAsSent), "/a//b/../c%20d");
  EXPECT_EQ(canonical_path_of("", PathRule::kAsSent), "/");
}

TEST(SigV4, QueriesAreSortedOnceEncoded) {
  const struct {
    const char* sent;
    const char* signed_as;
  } rows[] = {
      {"", ""},
      {"b=2&a=1", "a=1&b=2"},
      {"a", "a="},
      {"a=&a", "a=&a="},
      {"a=2&a=1&A=3", "A=3&a=1&a=2"},
      {"x=a%2fb&y=a+b", "x=a%2Fb&y=a%2Bb"},
      {"k=a=b", "k=a%3Db"},
      {"%24=1&$=0", "%24=0&%24=1"},
      {"ab=1&a%2Db=2", "a-b=2&ab=1"},
      {"&&a=1&", "a=1"},
  };
  for (const auto& row : rows) EXPECT_EQ(canonical_query_of(row.sent), row.signed_as) << row.sent;
  EXPECT_FALSE(canonical_request({"GET", "/", "a=%zz", {}, ""}, PathRule::kEncodedAgain).ok());
}

TEST(SigV4, HeadersAreLowerCaseSortedFoldedAndJoined) {
  const std::string text = canonical_text({"GET",
                                           "/",
                                           "",
                                           {{"X-Amz-Meta", "  a   b\t c "},
                                            {"Host", "h"},
                                            {"x-amz-meta", "second"},
                                            {"Connection", "close"},
                                            {"Expect", "100-continue"}},
                                           "hash"});
  EXPECT_EQ(text, "GET\n/\n\nhost:h\nx-amz-meta:a b c,second\n\nhost;x-amz-meta\nhash");
}

TEST(SigV4, ASessionTokenIsSentAndSigned) {
  AwsCredentials temporary = example_credentials();
  temporary.session_token = Secret("the-token");
  Request request;
  request.method = "POST";
  request.url = "http://127.0.0.1:8080/";
  request.body = Secret("{}");
  ASSERT_TRUE(sign(request, temporary, kScope, PathRule::kEncodedAgain).ok());
  EXPECT_EQ(header_of(request, "X-Amz-Security-Token"), "the-token");
  EXPECT_THAT(header_of(request, "Authorization"),
              HasSubstr("SignedHeaders=host;x-amz-date;x-amz-security-token,"));
}

TEST(SigV4, S3GetsTheHashOfItsPayload) {
  Request request;
  request.url = "https://b.s3.eu-west-1.amazonaws.com/a%20b";
  ASSERT_TRUE(
      sign(request, example_credentials(), {"eu-west-1", "s3", kNow}, PathRule::kAsSent).ok());
  EXPECT_EQ(header_of(request, "X-Amz-Content-Sha256"),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_THAT(header_of(request, "Authorization"),
              HasSubstr("SignedHeaders=host;x-amz-content-sha256;x-amz-date,"));
}

TEST(SigV4, APresignedUrlCarriesEverythingInItsQuery) {
  AwsCredentials temporary = example_credentials();
  temporary.session_token = Secret("to/ken=");
  const auto url =
      presigned_url("GET", "https://db.example:5432/?Action=connect&DBUser=jane%20doe", temporary,
                    {"eu-west-1", "rds-db", kNow}, 900s, PathRule::kEncodedAgain);
  ASSERT_TRUE(url.ok());
  EXPECT_THAT(std::string(url->expose()),
              testing::MatchesRegex(
                  "https://db.example:5432/\\?Action=connect&DBUser=jane%20doe&X-Amz-Algorithm="
                  "AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Feu-west-1%2Frds-db%2F"
                  "aws4_request&X-Amz-Date=20150830T123600Z&X-Amz-Expires=900&X-Amz-Security-Token="
                  "to%2Fken%3D&X-Amz-SignedHeaders=host&X-Amz-Signature=[0-9a-f]+"));
  for (const auto lifetime : {0s, std::chrono::seconds(7 * 86400 + 1)}) {
    EXPECT_FALSE(
        presigned_url("GET", "https://h/", temporary, kScope, lifetime, PathRule::kEncodedAgain)
            .ok());
  }
}

TEST(SigV4, HalfCredentialsSignNothing) {
  AwsCredentials half = example_credentials();
  half.secret_access_key.clear();
  Request request;
  request.url = "https://h/";
  const Status status = sign(request, half, kScope, PathRule::kEncodedAgain);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), ErrorCode::kUnauthenticated);
  EXPECT_EQ(header_of(request, "Authorization"), "");
}

}  // namespace
}  // namespace keyferry::sigv4
