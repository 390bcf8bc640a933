// The promises of stores/store.h, kept by every line of stores.def against a real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <thread>

#include "base/strings.h"
#include "net/curl_http.h"
#include "os/system_clock.h"
#include "store_fixture.h"

namespace keyferry::conformance {

// Each store's FOLDER_fixture.cc defines FOLDER_fixture(); one that is missing does not link.
#define KEYFERRY_STORE(folder, provider) \
  std::unique_ptr<StoreFixture> folder##_fixture(Http& http, const std::string& named);
#include "stores/stores.def"
#undef KEYFERRY_STORE

std::string needed(const char* variable) {
  const char* value = getenv(variable);  // NOLINT(concurrency-mt-unsafe): one thread so far
  EXPECT_NE(value, nullptr) << variable
                            << " is not set; the suite is run by ./run test conformance";
  return value == nullptr ? "" : value;
}

namespace {

using namespace std::chrono_literals;
using ::testing::AnyOf;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;

struct StoreLine {
  std::string provider;
  std::unique_ptr<StoreFixture> (*fixture)(Http&, const std::string& provider);
};
std::ostream& operator<<(std::ostream& out, const StoreLine& line) { return out << line.provider; }

std::vector<StoreLine> store_lines() {
  return {
#define KEYFERRY_STORE(folder, provider) {provider, folder##_fixture},
#include "stores/stores.def"
#undef KEYFERRY_STORE
  };
}

class Conformance : public testing::TestWithParam<StoreLine> {
 protected:
  Conformance()
      : fixture_(GetParam().fixture(*http_, GetParam().provider)),
        store_(stores::store_kind_of(GetParam().provider)->make({*http_, clock_})) {}

  Result<stores::FetchResult> fetch(const manifest::SecretProviderClass& spc, TokenSource& tokens,
                                    Duration within = 30s, std::stop_token stop = {}) {
    return store_->fetch({{"web", "shop-0", "uid-1", "shop", fixture_->aws_role_arn()},
                          spc,
                          tokens,
                          {},
                          Deadline::in(clock_, within),
                          std::move(stop)});
  }
  Result<stores::FetchResult> fetch(const manifest::SecretProviderClass& spc) {
    return fetch(spc, fixture_->pod());
  }
  // The version of the only object of a class.
  std::string version_of(const manifest::SecretProviderClass& spc) {
    const auto result = fetch(spc);
    EXPECT_TRUE(result.ok() && result->objects.at(0).file.ok());
    return result.ok() ? result->objects.at(0).file->version : "";
  }

  SystemClock clock_;
  std::unique_ptr<Http> http_ = make_curl_http();
  std::unique_ptr<StoreFixture> fixture_;
  std::unique_ptr<stores::Store> store_;
};

TEST_P(Conformance, EveryObjectComesWithItsBytesInTheOrderOfTheClass) {
  const std::map<std::string, std::string> fields = {
      {"plain", "Welc0me!"},
      {"lines", "a\r\nb\n"},
      {"words", "größe \xF0\x9F\x94\x91 \"quoted\" \\"},
      {"blank", " x "},
      {"large", std::string(200'000, 'k')}};
  fixture_->put("bytes", fields);
  std::vector<WantedObject> objects;
  for (const char* name : {"words", "plain", "large", "lines", "blank"}) {
    objects.push_back({cat("file-", name), "bytes", name, ""});
  }
  const auto result = fetch(fixture_->class_of(objects));
  ASSERT_TRUE(result.ok()) << result.error().message();
  ASSERT_EQ(result->objects.size(), objects.size());
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const auto& object = result->objects[i];
    ASSERT_TRUE(object.file.ok()) << object.file.error().message();
    EXPECT_EQ(object.id, objects[i].file);
    EXPECT_EQ(object.file->path, objects[i].file);
    EXPECT_EQ(object.file->contents.expose(), fields.at(objects[i].field));
    EXPECT_EQ(object.file->mode, std::nullopt);
  }
}

TEST_P(Conformance, AFileHasTheModeItsObjectAsksFor) {
  fixture_->put("modes", {{"key", "value"}});
  const auto result = fetch(fixture_->class_of({{"a", "modes", "key", "0640"}}));
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->objects.at(0).file->mode, 0640U);
}

TEST_P(Conformance, EqualVersionsMeanEqualContents) {
  const auto spc = fixture_->class_of({{"a", "versions", "key", ""}});
  fixture_->put("versions", {{"key", "one"}});
  const std::string first = version_of(spc);
  EXPECT_FALSE(first.empty());
  EXPECT_EQ(version_of(spc), first);
  EXPECT_THAT(first, Not(HasSubstr("one")));
  fixture_->put("versions", {{"key", "two"}});
  EXPECT_NE(version_of(spc), first);
}

TEST_P(Conformance, AMissingSecretFailsAloneAndSaysWhatToDo) {
  fixture_->put("there", {{"key", "value"}});
  const auto result =
      fetch(fixture_->class_of({{"good", "there", "key", ""}, {"bad", "not-there", "key", ""}}));
  ASSERT_TRUE(result.ok()) << result.error().message();
  EXPECT_TRUE(result->objects.at(0).file.ok());
  ASSERT_FALSE(result->objects.at(1).file.ok());
  const Error& error = result->objects.at(1).file.error();
  EXPECT_EQ(error.code(), ErrorCode::kNotFound);
  EXPECT_THAT(error.message(), HasSubstr("not-there"));
  EXPECT_THAT(error.message(), HasSubstr("; "));
}

TEST_P(Conformance, AMissingFieldNamesThoseThatAreThereButNoValue) {
  fixture_->put("fields", {{"username", "u-value"}, {"password", "p-value"}});
  const auto result = fetch(fixture_->class_of({{"a", "fields", "pasword", ""}}));
  ASSERT_TRUE(result.ok());
  ASSERT_FALSE(result->objects.at(0).file.ok());
  const std::string& message = result->objects.at(0).file.error().message();
  EXPECT_THAT(message, HasSubstr("pasword"));
  if (fixture_->keeps_fields_together()) {
    EXPECT_THAT(message, HasSubstr("password, username"));
  }
  EXPECT_THAT(message, Not(HasSubstr("-value")));
}

TEST_P(Conformance, AStrangerIsRefusedAsAWhole) {
  fixture_->put("private", {{"key", "value"}});
  const auto result =
      fetch(fixture_->class_of({{"a", "private", "key", ""}}), fixture_->stranger());
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(result.error().code(),
              AnyOf(Eq(ErrorCode::kUnauthenticated), Eq(ErrorCode::kPermissionDenied)));
  EXPECT_THAT(result.error().message(), HasSubstr("; "));
}

TEST_P(Conformance, AStoreThatIsDownIsUnavailableAndNamed) {
  const auto spc = fixture_->unreachable(fixture_->class_of({{"a", "x", "key", ""}}));
  const auto result = fetch(spc, fixture_->pod(), 300ms);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code(), ErrorCode::kUnavailable);
  EXPECT_THAT(result.error().message(), HasSubstr("127.0.0.1:1"));
  EXPECT_THAT(result.error().message(), HasSubstr("; "));
}

TEST_P(Conformance, NoDeadlineIsOutlasted) {
  const auto spc = fixture_->class_of({{"a", "x", "key", ""}});
  const auto result = fetch(spc, fixture_->pod(), 0s);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code(), ErrorCode::kDeadlineExceeded);
}

TEST_P(Conformance, AStopEndsAFetch) {
  std::stop_source stop;
  stop.request_stop();
  const auto result =
      fetch(fixture_->class_of({{"a", "x", "key", ""}}), fixture_->pod(), 30s, stop.get_token());
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code(), ErrorCode::kCancelled);
}

TEST_P(Conformance, ManyThreadsAreAnsweredAlike) {
  fixture_->put("shared", {{"key", "value"}});
  const auto spc = fixture_->class_of({{"a", "shared", "key", ""}});
  std::vector<std::jthread> threads;
  threads.reserve(8);
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 5; ++round) {
        const auto result = fetch(spc);
        ASSERT_TRUE(result.ok()) << result.error().message();
        EXPECT_EQ(result->objects.at(0).file->contents.expose(), "value");
      }
    });
  }
}

INSTANTIATE_TEST_SUITE_P(Stores, Conformance, testing::ValuesIn(store_lines()),
                         [](const auto& store) { return store.param.provider; });

}  // namespace
}  // namespace keyferry::conformance
