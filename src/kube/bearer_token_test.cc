#include "kube/bearer_token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "base/encoding.h"
#include "base/fake_clock.h"
#include "base/strings.h"

namespace keyferry::kube {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

std::string jwt(const std::string& claims) {
  return cat(base64url_encode("{}"), '.', base64url_encode(claims), '.', base64url_encode("s"));
}

TEST(BearerTokenSubject, IsReadOffTheToken) {
  const Secret token(jwt(R"({"sub":"system:serviceaccount:kube-system:keyferry"})"));
  EXPECT_EQ(subject_of(token), "system:serviceaccount:kube-system:keyferry");
  EXPECT_EQ(service_account_of(subject_of(token)), "kube-system/keyferry");
  for (const char* other : {"", "opaque", "a.b.c", "a.e30.c"}) {
    EXPECT_EQ(subject_of(Secret(other)), "") << other;
  }
  EXPECT_EQ(service_account_of("admin"), "");
  EXPECT_EQ(service_account_of("system:node:a:b"), "");
}

class BearerTokenTest : public testing::Test {
 protected:
  BearerTokenTest() {
    std::string path = "/dev/shm/keyferry-token-XXXXXX";
    folder_ = mkdtemp(path.data());
    config_.token_file = folder_ + "/token";
  }
  ~BearerTokenTest() override { std::filesystem::remove_all(folder_); }
  void file_holds(const std::string& text) { std::ofstream(config_.token_file) << text; }
  static std::string current(BearerToken& token) {
    const auto held = token.current();
    return held.ok() ? std::string(held->token->expose()) : held.error().message();
  }

  std::string folder_;
  ApiConfig config_;
  FakeClock clock_;
};

TEST_F(BearerTokenTest, AFileIsLookedAtOnceAMinute) {
  BearerToken token(config_, clock_);
  file_holds("one\n");
  EXPECT_EQ(current(token), "one");
  file_holds("two\n");
  clock_.tick(59s);
  EXPECT_EQ(current(token), "one");
  clock_.tick(1s);
  EXPECT_EQ(current(token), "two");
}

TEST_F(BearerTokenTest, ARefusedOneIsReadAnewAtOnce) {
  BearerToken token(config_, clock_);
  file_holds("one");
  const BearerToken::Held refused = *token.current();
  EXPECT_FALSE(token.renewed_after(refused));
  file_holds("two");
  EXPECT_TRUE(token.renewed_after(refused));
  EXPECT_EQ(current(token), "two");
  EXPECT_TRUE(token.renewed_after(refused));  // another thread's was refused too
}

TEST_F(BearerTokenTest, AFileThatIsGoneDoesNotTakeTheOldOneAway) {
  BearerToken token(config_, clock_);
  EXPECT_THAT(current(token), HasSubstr("mount the ServiceAccount's token"));
  file_holds(" \n");
  EXPECT_THAT(current(token), HasSubstr("is empty"));
  file_holds("one");
  EXPECT_EQ(current(token), "one");
  std::filesystem::remove(config_.token_file);
  clock_.tick(1h);
  EXPECT_EQ(current(token), "one");
}

TEST_F(BearerTokenTest, ATokenThatIsGivenStays) {
  config_.token_file.clear();
  BearerToken none(config_, clock_);
  EXPECT_EQ(none.current()->token, nullptr);
  config_.token = std::make_shared<const Secret>(jwt(R"({"sub":"system:serviceaccount:a:b"})"));
  BearerToken token(config_, clock_);
  EXPECT_EQ(token.current()->service_account, "a/b");
  EXPECT_FALSE(token.renewed_after(*token.current()));
}

}  // namespace
}  // namespace keyferry::kube
