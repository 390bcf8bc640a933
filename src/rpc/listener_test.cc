#include "rpc/listener.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "rpc/rpc_fixture.h"

namespace keyferry::rpc {
namespace {

TEST(Endpoint, IsAPathOrAPortOfTheLoopback) {
  EXPECT_EQ(parse_endpoint("unix:///csi/csi.sock").value(), (Endpoint{"/csi/csi.sock", 0}));
  EXPECT_EQ(parse_endpoint("unix://tmp/csi.sock").value(), (Endpoint{"/tmp/csi.sock", 0}));
  EXPECT_EQ(parse_endpoint("UNIX:///a.sock").value(), (Endpoint{"/a.sock", 0}));
  EXPECT_EQ(parse_endpoint("tcp://127.0.0.1:10000").value(), (Endpoint{"", 10000}));
  EXPECT_EQ(to_text({"/a.sock", 0}), "unix:///a.sock");
  EXPECT_EQ(to_text({"", 7}), "tcp://127.0.0.1:7");
}

TEST(Endpoint, WrittenOtherwiseItIsRefusedWithHowToWriteIt) {
  for (const char* bad : {"", "/csi.sock", "unix://", "http://x", "tcp://0.0.0.0:1", "tcp://:1",
                          "tcp://127.0.0.1:", "tcp://127.0.0.1:70000", "tcp://127.0.0.1:1x"}) {
    const auto parsed = parse_endpoint(bad);
    ASSERT_FALSE(parsed.ok()) << bad;
    EXPECT_EQ(parsed.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_NE(parsed.error().message().find("unix:///path"), std::string::npos);
  }
}

class ListenerTest : public ::testing::Test {
 protected:
  static mode_t mode_of(const std::string& file) {
    struct stat info {};
    return ::lstat(file.c_str(), &info) == 0 ? info.st_mode & 07777 : 0;
  }
  SocketFolder folder;
  const std::string path = folder.at("a.sock");
};

TEST_F(ListenerTest, TheSocketIsOursAloneAndGoneAtTheEnd) {
  {
    const auto listener = Listener::open({path, 0});
    ASSERT_TRUE(listener.ok()) << listener.error().message();
    EXPECT_EQ(mode_of(path), 0600U);
    EXPECT_TRUE(listener->is_in_place());
    EXPECT_TRUE(connect_to(path).ok());
  }
  EXPECT_EQ(mode_of(path), 0U);
  EXPECT_EQ(connect_to(path).error().code(), ErrorCode::kNotFound);
}

TEST_F(ListenerTest, AStaleSocketIsReplacedAndTheOldOwnerLeavesTheNewOneAlone) {
  auto old = Listener::open({path, 0});
  auto fresh = Listener::open({path, 0});
  ASSERT_TRUE(old.ok() && fresh.ok());
  EXPECT_FALSE(old->is_in_place());
  old->close();
  EXPECT_TRUE(fresh->is_in_place());
  EXPECT_TRUE(connect_to(path).ok());
}

TEST_F(ListenerTest, WhatIsNoSocketStays) {
  std::ofstream(path) << "precious";
  const auto listener = Listener::open({path, 0});
  ASSERT_FALSE(listener.ok());
  EXPECT_EQ(listener.error().code(), ErrorCode::kFailedPrecondition);
  EXPECT_NE(listener.error().message().find(path), std::string::npos);
  EXPECT_NE(mode_of(path), 0U);
}

TEST_F(ListenerTest, APathThatIsTooLongOrLeadsNowhereIsNamed) {
  const auto long_one = Listener::open({folder.at(std::string(120, 'x')), 0});
  EXPECT_EQ(long_one.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_NE(long_one.error().message().find("at most 107"), std::string::npos);
  const auto nowhere = Listener::open({folder.at("no/such/a.sock"), 0});
  EXPECT_EQ(nowhere.error().code(), ErrorCode::kUnavailable);
  EXPECT_NE(nowhere.error().message().find("no/such/a.sock"), std::string::npos);
}

TEST_F(ListenerTest, ASocketNobodyServesIsUnavailable) {
  auto listener = Listener::open({path, 0});
  ::rename(path.c_str(), folder.at("moved.sock").c_str());
  listener->close();
  EXPECT_EQ(connect_to(folder.at("moved.sock")).error().code(), ErrorCode::kUnavailable);
}

TEST_F(ListenerTest, AnyFreePortIsTold) {
  const auto listener = Listener::open({"", 0});
  ASSERT_TRUE(listener.ok());
  EXPECT_NE(listener->endpoint().port, 0);
  EXPECT_TRUE(listener->is_in_place());
}

}  // namespace
}  // namespace keyferry::rpc
