#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "net/http.h"

namespace keyferry {

struct ServerRequest {
  std::string method;
  std::string path;                                       // percent-decoded, without the query
  std::map<std::string, std::string, std::less<>> query;  // decoded; "?list" gives ""
  std::vector<Header> headers;
  Secret body;
  std::stop_token stop;  // requested when the server ends: a handler that waits must end then

  // First header of that name, whatever its case; empty when absent.
  std::string_view header(std::string_view name) const;
  // Empty when absent.
  std::string_view query_value(std::string_view name) const;
};

// How an answer ends. All but kWhole are faults played by test servers.
enum class AnswerEnd {
  kWhole,
  kCutInBody,     // half of the body promised by Content-Length, then the connection is closed
  kCutInHeaders,  // the connection is closed inside the header lines (plain http only)
  kDropped,       // the connection is closed without a byte of answer
};

struct ServerResponse {
  int status = 200;
  std::vector<Header> headers;
  Secret body;
  AnswerEnd end = AnswerEnd::kWhole;

  static ServerResponse of(int status, std::string_view content_type, std::string_view body);
};

// "127.0.0.1:8200", "[::1]:8200"; port 0 is any free one. kInvalidArgument says how to write it.
struct ListenAddress {
  std::string address;
  std::uint16_t port = 0;
};
Result<ListenAddress> parse_listen_address(std::string_view text);

enum class Serving {
  kOneThread,            // handlers run one after the other and must be quick
  kThreadPerConnection,  // handlers may block, they then delay only their own connection
};

struct ListenOptions {
  std::string address = "127.0.0.1";  // numeric IPv4 or IPv6; "::" listens on both families
  std::uint16_t port = 0;             // 0: any free one, see port()
  Serving serving = Serving::kOneThread;
  std::string tls_certificate_file;  // both or neither; PEM
  std::string tls_key_file;
  std::size_t max_body_bytes = std::size_t{1} << 20;  // a larger request is answered 413
  unsigned max_connections = 64;
  unsigned max_connections_per_peer = 0;  // address; 0: as many as there are
  unsigned idle_seconds = 60;             // a connection that says nothing is closed after it
};

// Answers one request. Called on the server's threads (see Serving), so several at once with
// kThreadPerConnection. Must not throw.
using RequestHandler = std::function<ServerResponse(const ServerRequest&)>;

// An HTTP/1.1 server that answers from start() until it is destroyed; ending takes as long as the
// handlers that are running, else a few milliseconds.
class HttpServer {
 public:
  // kInvalidArgument: address or TLS files; kUnavailable: address and port cannot be had (message
  // names both and what to do).
  static Result<std::unique_ptr<HttpServer>> start(ListenOptions options, RequestHandler handler);

  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::uint16_t port() const;
  // "http://127.0.0.1:8200"
  const std::string& url() const;

  struct Daemon;

 private:
  explicit HttpServer(std::unique_ptr<Daemon> daemon);
  std::unique_ptr<Daemon> daemon_;
};

}  // namespace keyferry
