#include "net/http_server.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "base/strings.h"
#include "base/unique_fd.h"
#include "os/dir.h"

namespace keyferry {
namespace {

constexpr std::size_t kConnectionMemory = std::size_t{16} << 10;
constexpr std::size_t kPollingStack = std::size_t{128} << 10;
constexpr std::size_t kHandlerStack = std::size_t{512} << 10;
constexpr std::size_t kTlsFileLimit = 1 << 20;
constexpr int kBacklog = 128;

std::string_view find_header(const std::vector<Header>& headers, std::string_view name) {
  const std::string wanted = to_lower(name);
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [&](const Header& h) { return to_lower(h.name) == wanted; });
  return found == headers.end() ? std::string_view() : std::string_view(found->value);
}

std::string bracketed(const std::string& address) {
  return address.find(':') == std::string::npos ? address : cat("[", address, "]");
}

Error bind_error(const ListenOptions& options, int error_number) {
  const std::string where = cat(bracketed(options.address), ":", options.port);
  std::string remedy = "choose another address or port";
  if (error_number == EADDRINUSE)
    remedy = "end the program that listens there or choose another port";
  if (error_number == EACCES) remedy = "choose a port above 1023";
  if (error_number == EADDRNOTAVAIL) remedy = "choose an address of this machine";
  return {ErrorCode::kUnavailable,
          cat("cannot listen on ", where, ": ", strerrordesc_np(error_number), "; ", remedy)};
}

struct AddressList {
  addrinfo* first = nullptr;
  ~AddressList() {
    if (first != nullptr) freeaddrinfo(first);
  }
};

Result<UniqueFd> listening_socket(const ListenOptions& options) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  AddressList list;
  const std::string port = std::to_string(options.port);
  if (getaddrinfo(options.address.c_str(), port.c_str(), &hints, &list.first) != 0) {
    return Error(ErrorCode::kInvalidArgument,
                 cat("listen address '", options.address,
                     "' is not an IP address; write for example 127.0.0.1"));
  }
  const addrinfo& address = *list.first;
  UniqueFd fd(::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  if (fd) ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (!fd || ::bind(fd.get(), address.ai_addr, address.ai_addrlen) != 0 ||
      ::listen(fd.get(), kBacklog) != 0) {
    return bind_error(options, errno);
  }
  return fd;
}

std::uint16_t port_of(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  if (address.ss_family == AF_INET6)
    return ntohs(reinterpret_cast<sockaddr_in6*>(&address)->sin6_port);
  return ntohs(reinterpret_cast<sockaddr_in*>(&address)->sin_port);
}

// One request while its bytes arrive.
struct Exchange {
  ServerRequest request;
  bool too_large = false;
};

MHD_Result add_query(void* query, MHD_ValueKind, const char* name, const char* value) {
  auto& map = *static_cast<decltype(ServerRequest::query)*>(query);
  map.insert_or_assign(name, value == nullptr ? "" : value);
  return MHD_YES;
}

MHD_Result add_header(void* headers, MHD_ValueKind, const char* name, const char* value) {
  static_cast<std::vector<Header>*>(headers)->push_back({name, value == nullptr ? "" : value});
  return MHD_YES;
}

void delete_secret(void* secret) { delete static_cast<Secret*>(secret); }

// Gives the first half of a body, then breaks the connection.
ssize_t half_body(void* body, std::uint64_t position, char* out, std::size_t space) {
  const std::string_view bytes = static_cast<Secret*>(body)->expose();
  const std::size_t half = bytes.size() / 2;
  if (position >= half) return MHD_CONTENT_READER_END_WITH_ERROR;
  const std::size_t count = std::min(space, half - static_cast<std::size_t>(position));
  std::memcpy(out, bytes.data() + position, count);
  return static_cast<ssize_t>(count);
}

MHD_Response* make_response(ServerResponse& response) {
  auto body = std::make_unique<Secret>(std::move(response.body));
  const std::string_view bytes = body->expose();
  if (response.end == AnswerEnd::kCutInBody) {
    const std::uint64_t promised = std::max<std::size_t>(bytes.size(), 1);
    return MHD_create_response_from_callback(promised, 1024, half_body, body.release(),
                                             delete_secret);
  }
  return MHD_create_response_from_buffer_with_free_callback_cls(
      bytes.size(), const_cast<char*>(bytes.data()), delete_secret, body.release());
}

void send_half_a_header(MHD_Connection* connection) {
  const auto* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  constexpr std::string_view kText = "HTTP/1.1 200 OK\r\nContent-Type: applic";
  if (info != nullptr) (void)!::send(info->connect_fd, kText.data(), kText.size(), MSG_NOSIGNAL);
}

MHD_Result send_response(MHD_Connection* connection, ServerResponse response) {
  if (response.end == AnswerEnd::kCutInHeaders) send_half_a_header(connection);
  if (response.end == AnswerEnd::kCutInHeaders || response.end == AnswerEnd::kDropped)
    return MHD_NO;
  const auto status = static_cast<unsigned>(response.status);
  MHD_Response* answer = make_response(response);
  if (answer == nullptr) return MHD_NO;
  for (const Header& header : response.headers) {
    MHD_add_response_header(answer, header.name.c_str(), header.value.c_str());
  }
  const MHD_Result queued = MHD_queue_response(connection, status, answer);
  MHD_destroy_response(answer);
  return queued;
}

ServerResponse too_large_response(std::size_t limit) {
  return ServerResponse::of(413, "text/plain", cat("request body over ", limit, " bytes\n"));
}

}  // namespace

struct HttpServer::Daemon {
  ListenOptions options;
  RequestHandler handler;
  std::stop_source stop;
  Secret certificate, key;
  std::uint16_t port = 0;
  std::string url;
  MHD_Daemon* handle = nullptr;

  ~Daemon() {
    stop.request_stop();
    if (handle != nullptr) MHD_stop_daemon(handle);
  }

  MHD_Result begin(MHD_Connection* connection, const char* url_path, const char* method,
                   void** state) const {
    auto exchange = std::make_unique<Exchange>();
    exchange->request.method = method;
    exchange->request.path = url_path;
    exchange->request.stop = stop.get_token();
    MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, add_query,
                              &exchange->request.query);
    MHD_get_connection_values(connection, MHD_HEADER_KIND, add_header, &exchange->request.headers);
    *state = exchange.release();
    return MHD_YES;
  }

  void take_upload(Exchange& exchange, std::string_view bytes) const {
    exchange.too_large =
        exchange.too_large || exchange.request.body.size() + bytes.size() > options.max_body_bytes;
    if (exchange.too_large) {
      exchange.request.body.clear();
    } else {
      exchange.request.body.append(bytes);
    }
  }

  // Called by the library at the headers, for every piece of the body and at its end.
  static MHD_Result on_request(void* self, MHD_Connection* connection, const char* url_path,
                               const char* method, const char* /*version*/, const char* upload,
                               std::size_t* upload_size, void** state) {
    const auto& daemon = *static_cast<Daemon*>(self);
    if (*state == nullptr) return daemon.begin(connection, url_path, method, state);
    auto& exchange = *static_cast<Exchange*>(*state);
    if (*upload_size != 0) {
      daemon.take_upload(exchange, {upload, *upload_size});
      *upload_size = 0;
      return MHD_YES;
    }
    if (exchange.too_large) {
      return send_response(connection, too_large_response(daemon.options.max_body_bytes));
    }
    return send_response(connection, daemon.handler(exchange.request));
  }

  static void on_completed(void*, MHD_Connection*, void** state, MHD_RequestTerminationCode) {
    delete static_cast<Exchange*>(*state);
    *state = nullptr;
  }

  Status read_tls_files() {
    if (options.tls_certificate_file.empty() && options.tls_key_file.empty()) return {};
    if (options.tls_certificate_file.empty() || options.tls_key_file.empty()) {
      return Error(ErrorCode::kInvalidArgument,
                   "TLS needs a certificate file and a key file; give both");
    }
    KF_ASSIGN(certificate, read_file(options.tls_certificate_file, kTlsFileLimit));
    KF_ASSIGN(key, read_file(options.tls_key_file, kTlsFileLimit));
    certificate.append({"\0", 1});  // the library reads C strings
    key.append({"\0", 1});
    return {};
  }

  bool tls() const { return !key.empty(); }

  Status listen() {
    KF_TRY(read_tls_files());
    KF_ASSIGN(UniqueFd socket, listening_socket(options));
    port = port_of(socket.get());
    url = cat(tls() ? "https://" : "http://", bracketed(options.address), ":", port);
    const bool many = options.serving == Serving::kThreadPerConnection;
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_USE_ITC;
    if (many) flags |= MHD_USE_THREAD_PER_CONNECTION;
    std::vector<MHD_OptionItem> extra;
    if (tls()) {
      flags |= MHD_USE_TLS;
      extra.push_back(
          {MHD_OPTION_HTTPS_MEM_CERT, 0, const_cast<char*>(certificate.expose().data())});
      extra.push_back({MHD_OPTION_HTTPS_MEM_KEY, 0, const_cast<char*>(key.expose().data())});
    }
    extra.push_back({MHD_OPTION_END, 0, nullptr});
    // The library closes the socket, also when it does not start.
    handle = MHD_start_daemon(
        flags, 0, nullptr, nullptr, &Daemon::on_request, this, MHD_OPTION_LISTEN_SOCKET,
        socket.release(), MHD_OPTION_NOTIFY_COMPLETED, &Daemon::on_completed, this,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionMemory, MHD_OPTION_CONNECTION_LIMIT,
        options.max_connections, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        options.max_connections_per_peer, MHD_OPTION_CONNECTION_TIMEOUT, options.idle_seconds,
        MHD_OPTION_THREAD_STACK_SIZE, many ? kHandlerStack : kPollingStack, MHD_OPTION_ARRAY,
        extra.data(), MHD_OPTION_END);
    if (handle != nullptr) return {};
    return Error(
        ErrorCode::kInvalidArgument,
        tls() ? cat("cannot serve TLS with certificate '", options.tls_certificate_file,
                    "' and key '", options.tls_key_file, "'; give PEM files that belong together")
              : cat("cannot start a server on ", url));
  }
};

std::string_view ServerRequest::header(std::string_view name) const {
  return find_header(headers, name);
}

std::string_view ServerRequest::query_value(std::string_view name) const {
  const auto found = query.find(name);
  return found == query.end() ? std::string_view() : std::string_view(found->second);
}

ServerResponse ServerResponse::of(int status, std::string_view content_type,
                                  std::string_view body) {
  ServerResponse response;
  response.status = status;
  response.headers.push_back({"Content-Type", std::string(content_type)});
  response.body = Secret(body);
  return response;
}

Result<std::unique_ptr<HttpServer>> HttpServer::start(ListenOptions options,
                                                      RequestHandler handler) {
  auto daemon = std::make_unique<Daemon>();
  daemon->options = std::move(options);
  daemon->handler = std::move(handler);
  KF_TRY(daemon->listen());
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(daemon)));
}

HttpServer::HttpServer(std::unique_ptr<Daemon> daemon) : daemon_(std::move(daemon)) {}
HttpServer::~HttpServer() = default;
std::uint16_t HttpServer::port() const { return daemon_->port; }
const std::string& HttpServer::url() const { return daemon_->url; }

}  // namespace keyferry
