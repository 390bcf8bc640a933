#include "rpc/http2_session.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/strings.h"

namespace keyferry::rpc {
namespace {

// Writes down what the peer does.
class Recorder final : public Http2Events {
 public:
  void on_header(StreamId stream, std::string_view name, std::string_view value) override {
    headers += cat(stream, " ", name, "=", value, "\n");
  }
  void on_data(StreamId stream, std::string_view bytes) override { bodies[stream] += bytes; }
  void on_end(StreamId stream) override { ended += cat(stream, " "); }
  void on_closed(StreamId stream) override { closed += cat(stream, " "); }

  std::string headers;
  std::map<StreamId, std::string> bodies;
  std::string ended;
  std::string closed;
};

// A client and a server with a wire of memory between them.
class Http2SessionTest : public ::testing::Test {
 protected:
  static bool carry(Http2Session& from, Http2Session& to, Status& heard) {
    const std::string bytes(from.to_send());
    from.sent(bytes.size());
    if (!bytes.empty()) heard = to.receive(bytes);
    return !bytes.empty();
  }
  void carry_all() {
    for (bool any = true; any;) {
      const bool there = carry(client, server, server_heard);
      const bool back = carry(server, client, client_heard);
      any = there || back;
    }
  }

  Recorder at_client;
  Recorder at_server;
  Http2Session client{Http2Side::kClient, at_client};
  Http2Session server{Http2Side::kServer, at_server};
  Status client_heard;
  Status server_heard;
};

TEST_F(Http2SessionTest, ARequestGoesThereAndItsAnswerComesBackWithTrailers) {
  const auto stream = client.request({{":method", "POST"}, {":path", "/a"}}, Secret("question"));
  carry_all();
  EXPECT_TRUE(server.is_met() && client.is_met());
  EXPECT_EQ(at_server.headers, "1 :method=POST\n1 :path=/a\n");
  EXPECT_EQ(at_server.bodies[*stream], "question");
  EXPECT_EQ(at_server.ended, "1 ");
  server.answer(*stream, {{":status", "200"}}, Secret("reply"), {{"grpc-status", "0"}});
  carry_all();
  EXPECT_EQ(at_client.headers, "1 :status=200\n1 grpc-status=0\n");
  EXPECT_EQ(at_client.bodies[*stream], "reply");
  EXPECT_EQ(at_client.closed, "1 ");
  EXPECT_EQ(at_server.closed, "1 ");
}

TEST_F(Http2SessionTest, BodiesLargerThanEveryWindowArriveWhole) {
  std::string large;
  while (large.size() < 2'500'000) large += cat(large.size(), ",");
  const auto one = client.request({{":path", "/one"}}, Secret(large));
  const auto two = client.request({{":path", "/two"}}, Secret(large));
  carry_all();
  EXPECT_EQ(at_server.bodies[*one], large);
  EXPECT_EQ(at_server.bodies[*two], large);
  server.answer(*two, {{":status", "200"}}, Secret(large), {{"t", "1"}});
  server.answer(*one, {{":status", "200"}}, Secret(""), {{"t", "2"}});
  carry_all();
  EXPECT_EQ(at_client.bodies[*two], large);
  EXPECT_TRUE(at_client.bodies[*one].empty());
  EXPECT_NE(at_client.headers.find("1 t=2\n"), std::string::npos);
  EXPECT_NE(at_client.headers.find("3 t=1\n"), std::string::npos);
}

TEST_F(Http2SessionTest, BytesThatComeOneByOneAreUnderstood) {
  (void)client.request({{":path", "/slow"}}, Secret("question"));
  const std::string bytes(client.to_send());
  for (const char& byte : bytes) ASSERT_TRUE(server.receive({&byte, 1}).ok());
  EXPECT_EQ(at_server.bodies[1], "question");
}

TEST_F(Http2SessionTest, AnAuthorityThatIsAPathIsTaken) {
  (void)client.request({{":method", "POST"}, {":path", "/a"}, {":authority", "/csi/csi.sock"}},
                       Secret(""));
  carry_all();
  EXPECT_EQ(at_server.ended, "1 ") << "drivers before 1.5.5 say it so";
}

TEST_F(Http2SessionTest, AResetEndsTheStreamOnTheOtherSide) {
  const auto stream = client.request({{":path", "/a"}}, Secret("x"));
  carry_all();
  client.reset(*stream, ResetReason::kCancelled);
  carry_all();
  EXPECT_EQ(at_server.closed, "1 ");
  server.answer(*stream, {{":status", "200"}}, Secret("too late"), {});
  carry_all();
  EXPECT_TRUE(at_client.bodies.empty());
}

TEST_F(Http2SessionTest, AfterAGoodbyeWhatIsOpenGoesOnAndTheSessionEndsWithIt) {
  const auto stream = client.request({{":path", "/a"}}, Secret("x"));
  carry_all();
  server.go_away();
  carry_all();
  EXPECT_FALSE(server.is_over());
  server.answer(*stream, {{":status", "200"}}, Secret("done"), {{"t", "1"}});
  carry_all();
  EXPECT_EQ(at_client.bodies[*stream], "done");
  EXPECT_TRUE(server.is_over());
  EXPECT_TRUE(client.is_over());
}

TEST_F(Http2SessionTest, APeerThatSpeaksSomethingElseIsNamedSo) {
  const Status heard = server.receive("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  ASSERT_FALSE(heard.ok());
  EXPECT_EQ(heard.error().code(), ErrorCode::kInternal);
  EXPECT_NE(heard.error().message().find("HTTP/2"), std::string::npos);
}

}  // namespace
}  // namespace keyferry::rpc
