#include "kube/api_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "base/fake_clock.h"
#include "base/strings.h"
#include "kube/objects.h"
#include "net/fake_http.h"
#include "net/fake_http_stream.h"

namespace keyferry::kube {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::Pair;

const std::string kPodUrl = "https://api:6443/api/v1/namespaces/shop/pods/web-0";
const std::string kGetPod = "GET " + kPodUrl;
const std::string kCreatePod =
    "POST https://api:6443/api/v1/namespaces/shop/pods?fieldManager=keyferry";
constexpr const char* kPod = R"({"metadata":{"name":"web-0","namespace":"shop"}})";

class ApiClientTest : public testing::Test {
 protected:
  ApiClientTest() {
    config_.server = "https://api:6443";
    config_.tls.ca_file = "/ca.crt";
    config_.token = std::make_shared<const Secret>("one");
  }
  KubeApi& api() {
    if (!api_) api_ = make_kube_api(config_, options_, {http_, stream_, clock_});
    return *api_;
  }
  Result<Json> get_pod() { return api().get(pods(), {"shop", "web-0"}, patience_); }

  FakeHttp http_;
  FakeHttpStream stream_;
  FakeClock clock_;
  ApiConfig config_;
  ApiClientOptions options_;
  Patience patience_{Deadline::in(clock_, 1min), {}};

 private:
  std::unique_ptr<KubeApi> api_;
};

TEST_F(ApiClientTest, ARequestHasCredentialsTrustAndName) {
  http_.answer(kGetPod, 200, kPod);
  const auto pod = get_pod();
  ASSERT_TRUE(pod.ok()) << pod.error().message();
  EXPECT_EQ(parse_pod(*pod)->meta.name, "web-0");
  const FakeHttp::Sent sent = http_.sent().at(0);
  EXPECT_THAT(sent.headers, Contains(Pair("authorization", "Bearer one")));
  EXPECT_THAT(sent.headers, Contains(Pair("accept", "application/json")));
  EXPECT_THAT(sent.headers, Contains(Pair("user-agent", HasSubstr("keyferry/"))));
  EXPECT_EQ(sent.tls.ca_file, "/ca.crt");
  EXPECT_EQ(sent.deadline.left(clock_), 30s);
}

TEST_F(ApiClientTest, AListGivesItsItemsAndWhereItGoesOn) {
  http_.answer("GET https://api:6443/api/v1/pods?limit=2", 200,
               R"({"kind":"PodList","metadata":{"resourceVersion":"7","continue":"c"},
                 "items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}]})");
  http_.answer("GET https://api:6443/api/v1/pods?limit=2&continue=c", 200,
               R"({"metadata":{"resourceVersion":"7"},"items":null})");
  ListOptions options;
  options.page_size = 2;
  const auto first = api().list(pods(), options, patience_);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->items.size(), 2U);
  EXPECT_EQ(first->resource_version, "7");
  options.next = first->next;
  const auto second = api().list(pods(), options, patience_);
  EXPECT_TRUE(second->items.empty());
  EXPECT_EQ(second->next, "");
}

TEST_F(ApiClientTest, AnErrorBeginsWithWhatWasAsked) {
  http_.answer(kGetPod, 404, R"({"kind":"Status","message":"pods \"web-0\" not found",
    "details":{"name":"web-0"}})");
  EXPECT_EQ(get_pod().error(),
            Error(ErrorCode::kNotFound, "get pods shop/web-0: HTTP 404: pods \"web-0\" not found"));
}

TEST_F(ApiClientTest, WhatMayBeAskedAgainIsAskedAgain) {
  http_.fail(kGetPod, Error(ErrorCode::kUnavailable, "refused"));
  http_.answer(kGetPod, 503, "{}");
  http_.answer(kGetPod, 200, kPod);
  EXPECT_TRUE(get_pod().ok());
  EXPECT_EQ(clock_.waits().size(), 2U);
}

TEST_F(ApiClientTest, ASilentServerIsAskedAgainWhileThereIsTime) {
  http_.script(kGetPod, [this](const FakeHttp::Sent& sent) -> Result<Response> {
    clock_.tick(sent.deadline.left(clock_));
    return Error(ErrorCode::kDeadlineExceeded, "no answer in time");
  });
  const auto pod = get_pod();
  EXPECT_EQ(pod.error().code(), ErrorCode::kDeadlineExceeded);
  EXPECT_THAT(http_.sent().size(), Le(3U));
  EXPECT_GE(http_.sent().size(), 2U);
}

// Whether it was done is not known, and a second one could be a second object.
TEST_F(ApiClientTest, ACreationIsAskedAgainOnlyWhereItWasNotLookedAt) {
  Json pod = *parse_json(kPod);
  http_.fail(kCreatePod, Error(ErrorCode::kUnavailable, "cut"));
  http_.answer(kCreatePod, 429, "{}", {{"Retry-After", "2"}});
  http_.answer(kCreatePod, 201, kPod);
  EXPECT_EQ(api().create(pods(), pod, patience_).error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(http_.sent().size(), 1U);
  EXPECT_TRUE(api().create(pods(), pod, patience_).ok());
  EXPECT_THAT(clock_.waits(), ElementsAre(2s));
}

TEST_F(ApiClientTest, AConflictIsTheCallersToSettle) {
  const std::string update = "PUT " + kPodUrl + "?fieldManager=keyferry";
  http_.answer(update, 409, R"({"kind":"Status","reason":"Conflict","message":"modified"})");
  EXPECT_EQ(api().update(pods(), *parse_json(kPod), Part::kObject, patience_).error().code(),
            ErrorCode::kAborted);
  EXPECT_EQ(http_.sent().size(), 1U);
}

TEST_F(ApiClientTest, AnAnswerThatIsNoneIsAnErrorThatShowsNothingOfIt) {
  http_.answer(kGetPod, 200, "<html>pw-one</html>");
  http_.answer(kGetPod, 200, R"(["pw-one"])");
  for (int i = 0; i < 2; ++i) {
    const auto pod = get_pod();
    EXPECT_EQ(pod.error().code(), ErrorCode::kInternal);
    EXPECT_THAT(pod.error().message(), testing::Not(HasSubstr("pw-one")));
  }
}

TEST_F(ApiClientTest, ATokenIsIssuedWithItsEnd) {
  http_.answer("POST https://api:6443/api/v1/namespaces/shop/serviceaccounts/web/token", 201,
               R"({"metadata":{},"status":{"token":"jwt","expirationTimestamp":
                 "2026-01-31T12:00:00Z"}})");
  const auto issued = api().issue_token({"shop", "web"}, {{"vault"}}, patience_);
  ASSERT_TRUE(issued.ok()) << issued.error().message();
  EXPECT_EQ(issued->token.expose(), "jwt");
  EXPECT_EQ(issued->expires, WallTime(std::chrono::seconds(1'769'860'800)));
}

class ApiClientTokenFile : public ApiClientTest {
 protected:
  ApiClientTokenFile() {
    std::string path = "/dev/shm/keyferry-client-XXXXXX";
    folder_ = mkdtemp(path.data());
    config_.token.reset();
    config_.token_file = folder_ + "/token";
    file_holds("one");
    http_.script(kGetPod, [this](const FakeHttp::Sent& sent) -> Result<Response> {
      const bool good = sent.headers.at("authorization") == "Bearer " + wanted_;
      return good ? FakeHttp::response(200, kPod) : FakeHttp::response(401, "{}");
    });
  }
  ~ApiClientTokenFile() override { std::filesystem::remove_all(folder_); }
  void file_holds(const std::string& token) { std::ofstream(config_.token_file) << token; }

  std::string folder_;
  std::string wanted_ = "one";
};

TEST_F(ApiClientTokenFile, ARenewedTokenIsTakenWhereTheOldOneIsRefused) {
  EXPECT_TRUE(get_pod().ok());
  file_holds("two");
  wanted_ = "two";
  EXPECT_TRUE(get_pod().ok());
  EXPECT_EQ(http_.sent().size(), 3U);
  EXPECT_TRUE(get_pod().ok());
  EXPECT_EQ(http_.sent().size(), 4U);
}

TEST_F(ApiClientTokenFile, ATokenThatStaysTheSameIsNotSentTwice) {
  wanted_ = "two";
  const auto pod = get_pod();
  EXPECT_EQ(pod.error().code(), ErrorCode::kUnauthenticated);
  EXPECT_THAT(pod.error().message(), HasSubstr(config_.token_file));
  EXPECT_EQ(http_.sent().size(), 1U);
}

TEST_F(ApiClientTest, OurOwnLimitMakesThemWait) {
  options_.requests_per_second = 10;
  options_.burst = 2;
  http_.answer(kGetPod, 200, kPod);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(get_pod().ok());
  EXPECT_THAT(clock_.waits(), ElementsAre(100ms, 100ms));
}

TEST_F(ApiClientTest, WhoCannotWaitForTheLimitIsToldAtOnce) {
  options_.requests_per_second = 0.01;
  http_.answer(kGetPod, 200, kPod);
  EXPECT_TRUE(get_pod().ok());
  const auto late = get_pod();
  EXPECT_EQ(late.error().code(), ErrorCode::kDeadlineExceeded);
  EXPECT_THAT(late.error().message(), HasSubstr("our own limit"));
  EXPECT_EQ(http_.sent().size(), 1U);
}

class ApiClientWatch : public ApiClientTest {
 protected:
  Status watch() {
    WatchOptions options;
    options.resource_version = "7";
    return api().watch(
        pods(), options, [this](const WatchEvent& event) { heard_.push_back(word_of(event)); },
        patience_);
  }
  static std::string word_of(const WatchEvent& event) {
    static constexpr const char* kWords[] = {"opened", "added", "modified", "deleted", "bookmark"};
    return cat(kWords[static_cast<std::size_t>(event.kind)], " ", event.resource_version());
  }
  std::vector<std::string> heard_;
};

TEST_F(ApiClientWatch, EventsComeAsTheyAreCut) {
  stream_.flow({R"({"type":"ADDED","object":{"metadata":{"resourceVersion":"8"}}}
{"type":"MODI)",
                R"(FIED","object":{"metadata":{"resourceVersion":"9"}}}
)",
                R"({"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"12"}}}
{"type":"DELETED","object":{"metadata":{"resourceVersion":"13"}}}
)"});
  const Status end = watch();
  EXPECT_TRUE(end.ok()) << end.error().message();
  EXPECT_THAT(heard_, ElementsAre("opened ", "added 8", "modified 9", "bookmark 12", "deleted 13"));
  const FakeHttpStream::Sent& sent = stream_.sent().at(0);
  EXPECT_THAT(sent.method_and_url, HasSubstr("GET https://api:6443/api/v1/pods?watch=true&"));
  EXPECT_THAT(sent.headers, Contains("Authorization: Bearer one"));
  EXPECT_EQ(sent.deadline.at, patience_.deadline.at);
}

TEST_F(ApiClientWatch, AnErrorEventEndsIt) {
  stream_.flow({R"({"type":"ERROR","object":{"kind":"Status","code":410,"message":"too old"}}
{"type":"ADDED","object":{"metadata":{"resourceVersion":"8"}}}
)"});
  EXPECT_EQ(watch().error(),
            Error(ErrorCode::kOutOfRange, "watch pods in all namespaces: HTTP 410: too old"));
  EXPECT_THAT(heard_, ElementsAre("opened "));
}

TEST_F(ApiClientWatch, ARefusalIsTheSameAsAnyRequests) {
  stream_.answer(403, R"({"kind":"Status","message":"User \"x\" cannot watch resource \"pods\""})");
  const Status denied = watch();
  EXPECT_EQ(denied.error().code(), ErrorCode::kPermissionDenied);
  EXPECT_THAT(denied.error().message(), HasSubstr("verbs [\"watch\"]"));
  EXPECT_THAT(heard_, ElementsAre());
}

TEST_F(ApiClientWatch, WhatIsNoEventEndsItWithoutBeingShown) {
  for (const char* line : {"pw-one\n", "[]\n", "{\"type\":\"NEW\",\"object\":{\"metadata\":{}}}\n",
                           "{\"type\":\"ADDED\",\"object\":{}}\n", "{\"type\":\"ADDED\"}\n"}) {
    stream_.flow({line});
    const Status end = watch();
    EXPECT_EQ(end.error().code(), ErrorCode::kInternal) << line;
    EXPECT_THAT(end.error().message(), testing::Not(HasSubstr("pw-one")));
  }
}

TEST_F(ApiClientWatch, ACutAndHalfAnEventAreTheSame) {
  stream_.flow({"{\"type\":"});
  EXPECT_EQ(watch().error().code(), ErrorCode::kUnavailable);
  stream_.flow({}, Error(ErrorCode::kUnavailable, "cut"));
  EXPECT_EQ(watch().error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(stream_.sent().size(), 2U);  // trying again is the loop's
}

}  // namespace
}  // namespace keyferry::kube
