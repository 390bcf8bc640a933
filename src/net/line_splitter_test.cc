#include "net/line_splitter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace keyferry {
namespace {

using ::testing::ElementsAre;

class LineSplitterTest : public testing::Test {
 protected:
  std::vector<std::string> lines_;
  LineSplitter splitter_{5, [this](std::string_view line) -> Status {
                           if (line == "stop") return Error(ErrorCode::kAborted, "told to");
                           lines_.emplace_back(line);
                           return {};
                         }};
};

TEST_F(LineSplitterTest, LinesAreTheSameHoweverTheyAreCut) {
  const std::string text = "one\n\ntwo\n12345\nx\n";
  for (std::size_t size = 1; size <= text.size(); ++size) {
    lines_.clear();
    for (std::size_t at = 0; at < text.size(); at += size) {
      EXPECT_TRUE(splitter_.add(std::string_view(text).substr(at, size)).ok());
    }
    EXPECT_THAT(lines_, ElementsAre("one", "", "two", "12345", "x")) << size;
    EXPECT_FALSE(splitter_.has_rest());
  }
}

TEST_F(LineSplitterTest, ALineWithoutItsEndIsKept) {
  EXPECT_TRUE(splitter_.add("a\nbc").ok());
  EXPECT_THAT(lines_, ElementsAre("a"));
  EXPECT_TRUE(splitter_.has_rest());
}

TEST_F(LineSplitterTest, ALineOverTheLimitIsAnErrorAsSoonAsItIs) {
  EXPECT_EQ(splitter_.add("123456").error().code(), ErrorCode::kOutOfRange);
  EXPECT_TRUE(splitter_.add("123").ok());
  EXPECT_EQ(splitter_.add("456\n").error().code(), ErrorCode::kOutOfRange);
}

TEST_F(LineSplitterTest, AnErrorOfTheReceiverEndsIt) {
  EXPECT_EQ(splitter_.add("a\nstop\nb\n").error().code(), ErrorCode::kAborted);
  EXPECT_THAT(lines_, ElementsAre("a"));
}

}  // namespace
}  // namespace keyferry
