#include "rpc/listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

#include "base/strings.h"

namespace keyferry::rpc {

namespace {

constexpr int kBacklog = 128;
constexpr mode_t kOursAlone = 0600;

Error socket_error(ErrorCode code, std::string_view operation, const std::string& where) {
  return {code, cat(operation, " ", where, ": ", strerrordesc_np(errno))};
}

Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return Error(ErrorCode::kInvalidArgument,
                 cat("socket '", path, "': a path of ", path.size(), " bytes; at most ",
                     sizeof address.sun_path - 1, " are possible, choose a shorter one"));
  }
  path.copy(address.sun_path, path.size());
  return address;
}

UniqueFd new_socket(int family) {
  return UniqueFd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

// A socket that an ended program left behind; anything else is not ours to take away.
Status remove_stale(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return {};  // bind says what else is wrong
  if (!S_ISSOCK(info.st_mode)) {
    return Error(ErrorCode::kFailedPrecondition,
                 cat("'", path,
                     "' is there and is no socket; take it away, or choose another "
                     "endpoint"));
  }
  if (::unlink(path.c_str()) == 0) return {};
  return socket_error(ErrorCode::kUnavailable, "replace the stale socket", path);
}

Result<UniqueFd> listen_at(const sockaddr* address, socklen_t size, const std::string& where) {
  UniqueFd fd = new_socket(address->sa_family);
  // Before bind: the file then has this mode from its first moment on.
  if (fd && address->sa_family == AF_UNIX) (void)!::fchmod(fd.get(), kOursAlone);
  if (!fd || ::bind(fd.get(), address, size) != 0 || ::listen(fd.get(), kBacklog) != 0) {
    return socket_error(ErrorCode::kUnavailable, "cannot listen on", where)
        .with_remedy("choose an endpoint in a folder that is there and can be written to");
  }
  return fd;
}

Result<UniqueFd> listen_at_path(const std::string& path) {
  KF_ASSIGN(const sockaddr_un address, address_of(path));
  KF_TRY(remove_stale(path));
  return listen_at(reinterpret_cast<const sockaddr*>(&address), sizeof address, path);
}

Result<UniqueFd> listen_at_port(std::uint16_t& port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  KF_ASSIGN(UniqueFd fd, listen_at(reinterpret_cast<const sockaddr*>(&address), sizeof address,
                                   cat("127.0.0.1:", port)));
  socklen_t size = sizeof address;
  ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size);
  port = ntohs(address.sin_port);
  return fd;
}

std::optional<std::uint16_t> loopback_port(std::string_view text) {
  constexpr std::string_view kHost = "127.0.0.1:";
  if (!text.starts_with(kHost)) return std::nullopt;
  text.remove_prefix(kHost.size());
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view text) {
  constexpr std::string_view kMark = "://";
  const auto mark = text.find(kMark);
  const std::string scheme = to_lower(text.substr(0, mark));
  const std::string_view rest =
      mark == std::string_view::npos ? "" : text.substr(mark + kMark.size());
  if (scheme == "unix" && !rest.empty()) {
    return Endpoint{rest.starts_with('/') ? std::string(rest) : cat('/', rest)};
  }
  if (scheme == "tcp") {
    if (const auto port = loopback_port(rest)) return Endpoint{"", *port};
  }
  return Error(ErrorCode::kInvalidArgument,
               cat("endpoint '", text, "' is not unix:///path/to.sock, nor tcp://127.0.0.1:PORT"));
}

std::string to_text(const Endpoint& endpoint) {
  return endpoint.path.empty() ? cat("tcp://127.0.0.1:", endpoint.port)
                               : cat("unix://", endpoint.path);
}

Result<Listener> Listener::open(const Endpoint& endpoint) {
  Endpoint found = endpoint;
  if (endpoint.path.empty()) {
    KF_ASSIGN(UniqueFd fd, listen_at_port(found.port));
    return Listener(std::move(fd), std::move(found));
  }
  KF_ASSIGN(UniqueFd fd, listen_at_path(endpoint.path));
  Listener listener(std::move(fd), std::move(found));
  struct stat info {};
  if (::lstat(endpoint.path.c_str(), &info) == 0) {
    listener.device_ = info.st_dev;
    listener.inode_ = info.st_ino;
  }
  return listener;
}

Listener& Listener::operator=(Listener&& other) noexcept {
  close();
  fd_ = std::move(other.fd_);
  endpoint_ = std::move(other.endpoint_);
  device_ = other.device_;
  inode_ = other.inode_;
  return *this;
}

bool Listener::is_in_place() const {
  if (!fd_) return false;
  if (endpoint_.path.empty()) return true;
  struct stat info {};
  return ::lstat(endpoint_.path.c_str(), &info) == 0 && info.st_dev == device_ &&
         info.st_ino == inode_;
}

void Listener::close() {
  if (!endpoint_.path.empty() && is_in_place()) ::unlink(endpoint_.path.c_str());
  fd_.reset();
}

Result<UniqueFd> connect_to(const std::string& path) {
  KF_ASSIGN(const sockaddr_un address, address_of(path));
  UniqueFd fd = new_socket(AF_UNIX);
  if (fd && ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    return fd;
  }
  return socket_error(errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kUnavailable,
                      "connect to", path);
}

}  // namespace keyferry::rpc
