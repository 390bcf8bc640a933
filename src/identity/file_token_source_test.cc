#include "identity/file_token_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace keyferry {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class FileTokens : public testing::Test {
 protected:
  FileTokens() {
    std::string path = "/dev/shm/keyferry-token-XXXXXX";
    folder_ = mkdtemp(path.data());
  }
  ~FileTokens() override { std::filesystem::remove_all(folder_); }
  std::string given_file(const std::string& text) {
    std::ofstream(folder_ + "/token") << text;
    return folder_ + "/token";
  }
  std::string folder_;
};

TEST_F(FileTokens, AreReadAnewAtEachCallWithoutTheLineEnd) {
  FileTokenSource source({{"vault", given_file("a.b.c\n")}});
  EXPECT_EQ(source.token("vault")->expose(), "a.b.c");
  given_file("d.e.f");
  EXPECT_EQ(source.token("vault")->expose(), "d.e.f");
}

TEST_F(FileTokens, AnUnknownAudienceIsNamedWithThoseThatAreThere) {
  FileTokenSource source({{"vault", "x"}, {"other", "y"}});
  const auto token = source.token("sts.amazonaws.com");
  EXPECT_EQ(token.error().code(), ErrorCode::kNotFound);
  EXPECT_THAT(token.error().message(), HasSubstr("'sts.amazonaws.com'"));
  EXPECT_THAT(token.error().message(), HasSubstr("'other', 'vault'"));
  EXPECT_THAT(token.error().message(), HasSubstr("--token-file sts.amazonaws.com=PATH"));
}

TEST_F(FileTokens, WhatIsNoTokenIsRefusedWithoutShowingIt) {
  for (const char* text : {"", "hunter2", "a.b", "a..c", "a.b.c.d", "a.b.c d"}) {
    FileTokenSource source({{"vault", given_file(text)}});
    const auto token = source.token("vault");
    ASSERT_FALSE(token.ok()) << text;
    EXPECT_EQ(token.error().code(), ErrorCode::kFailedPrecondition);
    EXPECT_THAT(token.error().message(), Not(HasSubstr("hunter2")));
  }
}

TEST_F(FileTokens, AMissingFileIsNamed) {
  FileTokenSource source({{"vault", folder_ + "/none"}});
  EXPECT_EQ(source.token("vault").error().code(), ErrorCode::kNotFound);
  EXPECT_THAT(source.token("vault").error().message(), HasSubstr("/none"));
}

// A pipe that nobody writes to kept the whole program waiting, deaf to signals.
TEST_F(FileTokens, APipeIsNotWaitedFor) {
  ASSERT_EQ(mkfifo((folder_ + "/pipe").c_str(), 0600), 0);
  FileTokenSource source({{"vault", folder_ + "/pipe"}});
  EXPECT_EQ(source.token("vault").error().code(), ErrorCode::kFailedPrecondition);
  EXPECT_THAT(source.token("vault").error().message(), HasSubstr("name a regular file"));
}

}  // namespace
}  // namespace keyferry
