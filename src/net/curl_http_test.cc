#include "net/curl_http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iomanip>
#include <set>
#include <sstream>
#include <thread>

#include "base/strings.h"
#include "net/http_server.h"
#include "os/system_clock.h"

namespace keyferry {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

// A throw-away authority with a certificate for localhost, made once per run.
class TestCertificates {
 public:
  TestCertificates() {
    std::string path = "/dev/shm/keyferry-certs-XXXXXX";
    folder_ = mkdtemp(path.data());
    renew();
  }
  void renew() {
    const std::string command =
        cat("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
            "-subj /CN=localhost -addext subjectAltName=DNS:localhost,DNS:vault.internal -keyout ",
            key(), " -out ", certificate(), " 2>/dev/null");
    EXPECT_EQ(std::system(command.c_str()), 0) << command;  // NOLINT(concurrency-mt-unsafe)
  }
  ~TestCertificates() { std::filesystem::remove_all(folder_); }
  std::string certificate() const { return folder_ + "/server.crt"; }
  std::string key() const { return folder_ + "/server.key"; }

 private:
  std::string folder_;
};

class CurlHttp : public testing::Test {
 protected:
  std::string serve(RequestHandler handler, ListenOptions options = {}) {
    auto server = HttpServer::start(std::move(options), std::move(handler));
    EXPECT_TRUE(server.ok());
    server_ = std::move(server).value();
    return server_->url();
  }
  Result<Response> send(const Request& request, Duration within = 10s) {
    return http_->send(request, Deadline::in(clock_, within));
  }
  Result<Response> get(const std::string& url) {
    Request request;
    request.url = url;
    return send(request);
  }

  SystemClock clock_;
  std::unique_ptr<Http> http_ = make_curl_http();
  std::unique_ptr<HttpServer> server_;
};

RequestHandler saying(const std::string& body, AnswerEnd end = AnswerEnd::kWhole) {
  return [=](const ServerRequest&) {
    ServerResponse response = ServerResponse::of(200, "text/plain", body);
    response.end = end;
    return response;
  };
}

TEST_F(CurlHttp, MethodHeadersSecretHeadersAndBodyArrive) {
  const std::string url = serve([](const ServerRequest& request) {
    return ServerResponse::of(
        201, "text/plain",
        cat(request.method, ' ', request.path, ' ', request.query_value("list"), ' ',
            request.header("x-one"), ' ', request.header("x-vault-token"), ' ',
            request.header("expect"), '|', request.body.expose()));
  });
  Request request;
  request.method = "LIST";
  request.url = url + "/v1/a%20b?list=true";
  request.headers = {{"X-One", "1"}};
  request.secret_headers.push_back({"X-Vault-Token", Secret("tok")});
  request.body = Secret("{}");
  const auto response = send(request);
  ASSERT_TRUE(response.ok()) << response.error().message();
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(response->header("CONTENT-type"), "text/plain");
  EXPECT_EQ(response->body.expose(), "LIST /v1/a b true 1 tok |{}");
}

// A namespace with a line end in it once sent a header of its own.
TEST_F(CurlHttp, AHeaderWithALineEndIsNotSent) {
  Request request;
  request.url = "http://127.0.0.1:1/";
  request.headers.push_back({"X-Vault-Namespace", "a\r\nX-Other: y"});
  const auto http = make_curl_http();
  const auto refused = http->send(request, {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(refused.error().message(), HasSubstr("X-Vault-Namespace"));
  request.headers.clear();
  request.secret_headers.push_back({"X-Vault-Token", Secret("abc\ndef")});
  const auto secret = http->send(request, {});
  ASSERT_FALSE(secret.ok());
  EXPECT_THAT(secret.error().message(), HasSubstr("X-Vault-Token"));
  EXPECT_THAT(secret.error().message(), Not(HasSubstr("abc")));
}

TEST_F(CurlHttp, NoRedirectIsFollowed) {
  const std::string url = serve([](const ServerRequest&) {
    ServerResponse response = ServerResponse::of(307, "text/plain", "");
    response.headers.push_back({"Location", "/elsewhere"});
    return response;
  });
  const auto response = get(url);
  EXPECT_EQ(response->status, 307);
  EXPECT_EQ(response->header("location"), "/elsewhere");
}

TEST_F(CurlHttp, AnAnswerThatIsNotWholeIsNoAnswer) {
  for (const AnswerEnd end :
       {AnswerEnd::kCutInBody, AnswerEnd::kCutInHeaders, AnswerEnd::kDropped}) {
    const auto response = get(serve(saying(std::string(1000, 'x'), end)));
    ASSERT_FALSE(response.ok());
    EXPECT_EQ(response.error().code(), ErrorCode::kUnavailable) << response.error().message();
  }
}

TEST_F(CurlHttp, AnAnswerOverTheLimitIsCutOffAndNamed) {
  Request request;
  request.url = serve(saying(std::string(5000, 'x')));
  request.max_response_bytes = 4999;
  const auto response = send(request);
  EXPECT_EQ(response.error().code(), ErrorCode::kOutOfRange);
  EXPECT_THAT(response.error().message(), HasSubstr("4999 bytes"));
  request.max_response_bytes = 5000;
  EXPECT_EQ(send(request)->body.size(), 5000U);
}

TEST_F(CurlHttp, ASlowServerEndsAtTheDeadline) {
  Request request;
  request.url = serve([this](const ServerRequest& asked) {
    clock_.wait_for(20s, asked.stop);
    return ServerResponse::of(200, "text/plain", "late");
  });
  const auto response = send(request, 100ms);
  EXPECT_EQ(response.error().code(), ErrorCode::kDeadlineExceeded);
  server_.reset();
}

TEST_F(CurlHttp, AStopEndsTheExchangeAtOnce) {
  std::stop_source stop;
  Request request;
  request.stop = stop.get_token();
  request.url = serve([&](const ServerRequest& asked) {
    stop.request_stop();
    clock_.wait_for(20s, asked.stop);
    return ServerResponse::of(200, "text/plain", "late");
  });
  const SteadyTime begin = clock_.steady_now();
  EXPECT_EQ(send(request, 15s).error().code(), ErrorCode::kCancelled);
  EXPECT_LT(clock_.steady_now() - begin, 5s);
  server_.reset();
}

TEST_F(CurlHttp, AnErrorNamesTheAddressButNothingSecretOfIt) {
  const auto response = get("http://127.0.0.1:1/v1/login?token=hidden");
  EXPECT_EQ(response.error().code(), ErrorCode::kUnavailable);
  EXPECT_THAT(response.error().message(), HasSubstr("GET http://127.0.0.1:1/v1/login"));
  EXPECT_THAT(response.error().message(), Not(HasSubstr("hidden")));
  EXPECT_EQ(get("vault:8200").error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(get("http://name.invalid/").error().code(), ErrorCode::kUnavailable);
}

// Ports from which connections to `server` were opened, those closed a moment ago too.
std::set<std::string> client_ports(std::uint16_t server) {
  std::ostringstream hex;
  hex << std::uppercase << std::hex << std::setw(4) << std::setfill('0') << server;
  std::set<std::string> ports;
  std::ifstream table("/proc/self/net/tcp");
  for (std::string slot, local, remote, rest; table >> slot >> local >> remote;) {
    std::getline(table, rest);
    if (local.ends_with(":" + hex.str())) ports.insert(remote);
    if (remote.ends_with(":" + hex.str())) ports.insert(local);
  }
  ports.erase("00000000:0000");  // the listener
  return ports;
}

TEST_F(CurlHttp, ConnectionsAreKeptAndSharedBetweenThreads) {
  const std::string url = serve(saying("x"));
  {
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 20; ++i) EXPECT_TRUE(get(url).ok());
      });
    }
  }
  const std::size_t kept = client_ports(server_->port()).size();
  EXPECT_GE(kept, 1U);
  EXPECT_LE(kept, 4U);  // one per thread at most, for eighty requests
  Request fresh;
  fresh.url = url;
  fresh.connection = ConnectionUse::kFresh;
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(send(fresh).ok());
  EXPECT_EQ(client_ports(server_->port()).size(), kept + 5);
}

class CurlHttpsTest : public CurlHttp {
 protected:
  std::string serve_tls(ListenOptions options = {}) {
    options.tls_certificate_file = certificates_.certificate();
    options.tls_key_file = certificates_.key();
    serve(saying("secure"), options);
    return cat("https://localhost:", server_->port(), "/");
  }
  Request request_to(const std::string& url) {
    Request request;
    request.url = url;
    request.tls.ca_file = certificates_.certificate();
    return request;
  }
  TestCertificates certificates_;
};

TEST_F(CurlHttpsTest, ACertificateOfAGivenAuthorityIsTrusted) {
  const auto response = send(request_to(serve_tls()));
  ASSERT_TRUE(response.ok()) << response.error().message();
  EXPECT_EQ(response->body.expose(), "secure");
}

// libcurl kept the authority that it had read for a day.
TEST_F(CurlHttpsTest, ARenewedAuthorityFileIsReadAnew) {
  const std::string url = serve_tls();
  const std::uint16_t port = server_->port();
  ASSERT_TRUE(send(request_to(url)).ok());
  server_.reset();
  certificates_.renew();
  ListenOptions options;
  options.port = port;
  serve_tls(options);
  const auto response = send(request_to(url));
  ASSERT_TRUE(response.ok()) << response.error().message();
}

std::string text_in(const std::string& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST_F(CurlHttpsTest, AnAuthorityInMemoryIsTrustedAloneAndOnItsOwnConnection) {
  Request request;
  request.url = serve_tls();
  const std::string other = text_in(certificates_.certificate());
  server_.reset();
  certificates_.renew();
  request.url = serve_tls();
  request.tls.ca_text = text_in(certificates_.certificate());
  const auto response = send(request);
  ASSERT_TRUE(response.ok()) << response.error().message();
  request.tls.ca_text = other;  // the connection that is open was trusted for another reason
  EXPECT_EQ(send(request).error().code(), ErrorCode::kFailedPrecondition);
  request.tls.ca_text = "no PEM";
  const auto refused = send(request);
  EXPECT_EQ(refused.error().code(), ErrorCode::kFailedPrecondition);
  EXPECT_THAT(refused.error().message(), HasSubstr("that was given as a text"));
}

TEST_F(CurlHttpsTest, AnotherClientCertificateInMemoryIsAnotherConnection) {
  Request request = request_to(serve_tls());
  request.tls.client_certificate_text = text_in(certificates_.certificate());
  request.tls.client_key_text = KeyText(Secret(text_in(certificates_.key())));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(send(request).ok());
  EXPECT_EQ(client_ports(server_->port()).size(), 1U);
  TestCertificates others;
  request.tls.client_certificate_text = text_in(others.certificate());
  EXPECT_EQ(send(request).error().code(), ErrorCode::kFailedPrecondition);  // not its key
  request.tls.client_key_text = KeyText(Secret(text_in(others.key())));
  ASSERT_TRUE(send(request).ok());
  EXPECT_GE(client_ports(server_->port()).size(), 2U);
}

TEST(TlsOptions, AreEqualWhereTheKeysBytesAre) {
  TlsOptions one;
  one.client_key_text = KeyText(Secret("key"));
  TlsOptions two = one;
  EXPECT_EQ(one, two);
  two.client_key_text = KeyText(Secret("key"));
  EXPECT_EQ(one, two);
  two.client_key_text = KeyText(Secret("other"));
  EXPECT_NE(one, two);
  two.client_key_text = KeyText();
  EXPECT_NE(one, two);
  one.client_key_text = KeyText(Secret(""));
  EXPECT_EQ(one, two);
}

TEST_F(CurlHttpsTest, AnUnknownAuthorityIsRefusedWithTheRemedy) {
  const auto response = get(serve_tls());
  EXPECT_EQ(response.error().code(), ErrorCode::kFailedPrecondition);
  EXPECT_THAT(response.error().message(), HasSubstr("give the CA"));
}

TEST_F(CurlHttpsTest, AnotherNameThanTheCertificatesIsRefused) {
  serve_tls();
  const auto response = send(request_to(cat("https://127.0.0.1:", server_->port(), "/")));
  EXPECT_EQ(response.error().code(), ErrorCode::kFailedPrecondition);
  EXPECT_THAT(response.error().message(), HasSubstr("server name"));
}

TEST_F(CurlHttpsTest, AServerNameIsVerifiedInsteadOfTheHost) {
  serve_tls();
  Request request = request_to(cat("https://127.0.0.1:", server_->port(), "/"));
  request.tls.server_name = "vault.internal";
  EXPECT_TRUE(send(request).ok());
  request.tls.server_name = "other.internal";
  EXPECT_EQ(send(request).error().code(), ErrorCode::kFailedPrecondition);
}

TEST_F(CurlHttpsTest, VerificationIsOnlyLeftOutWhereAskedByName) {
  Request request;
  request.url = serve_tls();
  request.tls.verify = TlsVerify::kNone;
  EXPECT_TRUE(send(request).ok());
  request.tls.verify = TlsVerify::kFull;  // also on the connection that is still open
  EXPECT_FALSE(send(request).ok());
}

TEST_F(CurlHttpsTest, AMissingAuthorityFileIsNamed) {
  Request request = request_to(serve_tls());
  request.tls.ca_file = "/nowhere/ca.crt";
  const auto response = send(request);
  EXPECT_EQ(response.error().code(), ErrorCode::kFailedPrecondition);
  EXPECT_THAT(response.error().message(), HasSubstr("/nowhere/ca.crt"));
}

TEST_F(CurlHttp, AProxyOfTheEnvironmentIsUsedUnlessForbidden) {
  const std::string proxy = serve(saying("by proxy"));
  ASSERT_EQ(setenv("http_proxy", proxy.c_str(), 1), 0);  // NOLINT(concurrency-mt-unsafe)
  Request request;
  request.url = "http://name.invalid/x";
  const auto by_proxy = send(request);
  request.proxy = ProxyUse::kNever;
  const auto direct = send(request);
  unsetenv("http_proxy");  // NOLINT(concurrency-mt-unsafe)
  ASSERT_TRUE(by_proxy.ok()) << by_proxy.error().message();
  EXPECT_EQ(by_proxy->body.expose(), "by proxy");
  EXPECT_FALSE(direct.ok());
}

}  // namespace
}  // namespace keyferry
