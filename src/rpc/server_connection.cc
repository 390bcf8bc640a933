#include "rpc/server_connection.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

#include "base/strings.h"
#include "rpc/grpc_wire.h"

namespace keyferry::rpc {

namespace {

constexpr std::size_t kReadAtOnce = std::size_t{16} << 10;

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

HeaderFields status_fields(const Status& status) {
  if (status.ok()) return {{"grpc-status", "0"}};
  return {{"grpc-status", std::to_string(status_number(status.error().code()))},
          {"grpc-message", encode_status_message(status.error().message())}};
}

}  // namespace

void ServerConnection::read() {
  std::array<char, kReadAtOnce> buffer;  // NOLINT: filled by recv
  for (;;) {
    const ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (got <= 0) {
      is_lost_ = is_lost_ || got == 0 || !would_block();
      break;
    }
    // Smaller offences end the session by its own farewell; see is_over().
    if (!session_.receive({buffer.data(), static_cast<std::size_t>(got)}).ok()) is_lost_ = true;
    if (static_cast<std::size_t>(got) < buffer.size() || is_lost_) break;
  }
  wipe(buffer.data(), buffer.size());
}

void ServerConnection::write() {
  while (!is_lost_) {
    const std::string_view bytes = session_.to_send();
    if (bytes.empty()) return;
    const ssize_t put = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put < 0) {
      is_lost_ = !would_block();
      return;
    }
    session_.sent(static_cast<std::size_t>(put));
  }
}

std::vector<ArrivedCall> ServerConnection::take_arrived() { return std::exchange(arrived_, {}); }

std::vector<StreamId> ServerConnection::take_closed() { return std::exchange(closed_, {}); }

void ServerConnection::answer(StreamId stream, const Result<Secret>& answer) {
  if (!open_.contains(stream)) return;
  const HeaderFields headers{{":status", "200"}, {"content-type", std::string(kContentType)}};
  if (answer.ok()) {
    session_.answer(stream, headers, framed(answer->expose()), status_fields({}));
    return;
  }
  HeaderFields all = headers;
  for (HeaderField& field : status_fields(answer.error())) all.push_back(std::move(field));
  session_.answer(stream, all);
}

void ServerConnection::answer_http(StreamId stream, const char* status) {
  session_.answer(stream, {{":status", status}});
}

void ServerConnection::on_header(StreamId stream, std::string_view name, std::string_view value) {
  open_.insert(stream);
  Incoming& call = incoming_[stream];
  if (name == ":method") call.http_method = value;
  if (name == ":path") call.path = value;
  if (name == "content-type") call.content_type = value;
  if (name == "grpc-timeout") call.timeout = parse_timeout(value);
}

void ServerConnection::on_data(StreamId stream, std::string_view bytes) {
  const auto found = incoming_.find(stream);
  if (found == incoming_.end()) return;  // refused before
  Secret& body = found->second.body;
  if (body.size() + bytes.size() <= largest_request_ + kPrefixSize) {
    body.append(bytes);
    return;
  }
  incoming_.erase(found);
  answer(stream, Error(ErrorCode::kResourceExhausted,
                       cat("the request is larger than ", largest_request_, " bytes")));
}

void ServerConnection::on_end(StreamId stream) {
  const auto found = incoming_.find(stream);
  if (found == incoming_.end()) return;
  const Incoming call = std::move(found->second);
  incoming_.erase(found);
  if (call.http_method != "POST") return answer_http(stream, "405");
  if (!call.content_type.starts_with(kContentType)) return answer_http(stream, "415");
  auto message = unframed(call.body);
  if (!message.ok()) return answer(stream, std::move(message).error());
  arrived_.push_back({stream, call.path, call.timeout, std::move(message).value()});
}

void ServerConnection::on_closed(StreamId stream) {
  incoming_.erase(stream);
  open_.erase(stream);
  closed_.push_back(stream);
}

}  // namespace keyferry::rpc
