// The promises of stores/store.h, kept by every line of stores.def against a real server.
#include <gmock/gmock.h>

#include <thread>

#include "base/strings.h"
#include "conformance.h"

namespace keyferry::conformance {
namespace {

using namespace std::chrono_literals;
using ::testing::AnyOf;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;

INSTANTIATE_TEST_SUITE_P(Stores, Conformance, testing::ValuesIn(store_lines()), provider_of);

TEST_P(Conformance, EveryObjectComesWithItsBytesInTheOrderOfTheClass) {
  const std::map<std::string, std::string> fields = {
      {"plain", "Welc0me!"},
      {"lines", "a\r\nb\n"},
      {"words", "größe \xF0\x9F\x94\x91 \"quoted\" \\"},
      {"blank", " x "},
      {"large", std::string(fixture_->largest_value(), 'k')}};
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

TEST_P(Conformance, AnIdentityThatLosesItsRightsIsRefusedUntilItHasThemAgain) {
  fixture_->put("lent", {{"key", "value"}});
  const auto spc = fixture_->class_of({{"a", "lent", "key", ""}});
  const auto refusal = [&]() -> std::optional<Error> {
    const auto result = fetch(spc);
    if (!result.ok()) return result.error();
    if (!result->objects.at(0).file.ok()) return result->objects.at(0).file.error();
    return std::nullopt;
  };
  ASSERT_EQ(refusal(), std::nullopt);
  fixture_->revoke();
  const auto refused = refusal();
  fixture_->admit();
  ASSERT_NE(refused, std::nullopt);
  EXPECT_EQ(refused->code(), ErrorCode::kPermissionDenied) << refused->message();
  EXPECT_THAT(refused->message(), HasSubstr("; "));
  EXPECT_EQ(refusal(), std::nullopt) << "nothing is left of it";
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

// What does not change costs no value: it is said to be unchanged, or comes with the same version.
TEST_P(Conformance, HeldVersionsThatAreCurrentStayAndOthersCome) {
  fixture_->put("held-a", {{"key", "1"}});
  fixture_->put("held-b", {{"key", "2"}});
  const auto spc = fixture_->class_of({{"a", "held-a", "key", ""}, {"b", "held-b", "key", ""}});
  const auto first = fetch(spc);
  ASSERT_TRUE(first.ok());
  std::map<std::string, std::string> held;
  for (const auto& object : first->objects) held[object.id] = object.file->version;
  const auto versions_after = [&] {
    const auto result = fetch(spc, fixture_->pod(), 30s, {}, held);
    EXPECT_TRUE(result.ok());
    std::map<std::string, std::string> versions;
    for (const std::string& id : result->unchanged) versions[id] = held.at(id);
    for (const auto& object : result->objects) versions[object.id] = object.file->version;
    return versions;
  };
  EXPECT_EQ(versions_after(), held);
  fixture_->put("held-b", {{"key", "3"}});
  const auto changed = versions_after();
  EXPECT_EQ(changed.at("a"), held.at("a"));
  EXPECT_NE(changed.at("b"), held.at("b"));
}

}  // namespace
}  // namespace keyferry::conformance
