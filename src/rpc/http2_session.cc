#include "rpc/http2_session.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <map>
#include <new>
#include <utility>

#include "base/strings.h"

namespace keyferry::rpc {

namespace {

// Large enough that a usual message comes without waiting for us.
constexpr std::int32_t kWindow = 1 << 20;
constexpr std::uint32_t kMostStreams = 100;
// So much is made ready to be sent before it is sent.
constexpr std::size_t kEnoughToSend = std::size_t{64} << 10;

struct CallbacksDeleter {
  void operator()(nghttp2_session_callbacks* callbacks) const {
    nghttp2_session_callbacks_del(callbacks);
  }
};
struct OptionDeleter {
  void operator()(nghttp2_option* option) const { nghttp2_option_del(option); }
};
struct SessionDeleter {
  void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
};

std::string_view text_of(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

// nghttp2 copies the texts; its type only lacks the const.
std::vector<nghttp2_nv> pairs_of(const HeaderFields& headers) {
  const auto bytes = [](const std::string& text) {
    return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));
  };
  std::vector<nghttp2_nv> pairs;
  pairs.reserve(headers.size());
  for (const HeaderField& header : headers) {
    pairs.push_back({bytes(header.name), bytes(header.value), header.name.size(),
                     header.value.size(), NGHTTP2_NV_FLAG_NONE});
  }
  return pairs;
}

std::uint32_t number_of(ResetReason reason) {
  switch (reason) {
    case ResetReason::kNoError:
      return NGHTTP2_NO_ERROR;
    case ResetReason::kRefused:
      return NGHTTP2_REFUSED_STREAM;
    case ResetReason::kCancelled:
      return NGHTTP2_CANCEL;
  }
  return NGHTTP2_INTERNAL_ERROR;
}

// A body on its way out.
struct Outgoing {
  Secret body;
  std::size_t at = 0;
  HeaderFields trailers;
};

}  // namespace

struct Http2Session::State {
  explicit State(Http2Events& e) : events(e) {}

  Http2Events& events;
  std::map<StreamId, Outgoing> outgoing;
  Secret out;
  std::size_t out_at = 0;
  bool is_met = false;
  bool is_broken = false;
  std::unique_ptr<nghttp2_session, SessionDeleter> session;

  std::size_t unsent() const { return out.size() - out_at; }
};

namespace {

using State = Http2Session::State;

State& state_of(void* user_data) { return *static_cast<State*>(user_data); }

int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
              std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
              std::uint8_t, void* user_data) {
  state_of(user_data).events.on_header(frame->hd.stream_id, text_of(name, name_size),
                                       text_of(value, value_size));
  return 0;
}

int on_data_chunk(nghttp2_session*, std::uint8_t, StreamId stream, const std::uint8_t* bytes,
                  std::size_t size, void* user_data) {
  state_of(user_data).events.on_data(stream, text_of(bytes, size));
  return 0;
}

int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
  State& state = state_of(user_data);
  if (frame->hd.type == NGHTTP2_SETTINGS) state.is_met = true;
  const bool ends = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
  if (ends && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
    state.events.on_end(frame->hd.stream_id);
  }
  return 0;
}

int on_stream_close(nghttp2_session*, StreamId stream, std::uint32_t, void* user_data) {
  State& state = state_of(user_data);
  state.outgoing.erase(stream);
  state.events.on_closed(stream);
  return 0;
}

// How much of a body may be sent; the bytes themselves are taken by send_data().
ssize_t next_piece(nghttp2_session* session, StreamId stream, std::uint8_t*, std::size_t most,
                   std::uint32_t* flags, nghttp2_data_source*, void* user_data) {
  State& state = state_of(user_data);
  const auto found = state.outgoing.find(stream);
  if (found == state.outgoing.end()) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  const Outgoing& outgoing = found->second;
  const std::size_t left = outgoing.body.size() - outgoing.at;
  *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  if (left <= most) {
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (!outgoing.trailers.empty()) {
      *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
      const auto pairs = pairs_of(outgoing.trailers);
      if (nghttp2_submit_trailer(session, stream, pairs.data(), pairs.size()) != 0) {
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
      }
    }
  }
  return static_cast<ssize_t>(std::min(left, most));
}

int send_data(nghttp2_session*, nghttp2_frame* frame, const std::uint8_t* frame_header,
              std::size_t size, nghttp2_data_source*, void* user_data) {
  constexpr std::size_t kFrameHeader = 9;
  State& state = state_of(user_data);
  const auto found = state.outgoing.find(frame->hd.stream_id);
  if (found == state.outgoing.end()) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  Outgoing& outgoing = found->second;
  state.out.append(text_of(frame_header, kFrameHeader));
  state.out.append(outgoing.body.expose().substr(outgoing.at, size));
  outgoing.at += size;
  return 0;
}

std::unique_ptr<nghttp2_session_callbacks, CallbacksDeleter> callbacks() {
  nghttp2_session_callbacks* made = nullptr;
  if (nghttp2_session_callbacks_new(&made) != 0) throw std::bad_alloc();
  nghttp2_session_callbacks_set_on_header_callback(made, on_header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, on_data_chunk);
  nghttp2_session_callbacks_set_on_frame_recv_callback(made, on_frame);
  nghttp2_session_callbacks_set_on_stream_close_callback(made, on_stream_close);
  nghttp2_session_callbacks_set_send_data_callback(made, send_data);
  return std::unique_ptr<nghttp2_session_callbacks, CallbacksDeleter>(made);
}

// Old drivers send the path of the socket as :authority, which is none (csi.md 2.2): what headers
// say is checked where they are used.
std::unique_ptr<nghttp2_option, OptionDeleter> lenient() {
  nghttp2_option* option = nullptr;
  if (nghttp2_option_new(&option) != 0) throw std::bad_alloc();
  nghttp2_option_set_no_http_messaging(option, 1);
  return std::unique_ptr<nghttp2_option, OptionDeleter>(option);
}

nghttp2_session* new_session(Http2Side side, State& state) {
  const auto with = callbacks();
  const auto option = lenient();
  nghttp2_session* made = nullptr;
  const int failed = side == Http2Side::kServer
                         ? nghttp2_session_server_new2(&made, with.get(), &state, option.get())
                         : nghttp2_session_client_new2(&made, with.get(), &state, option.get());
  if (failed != 0) throw std::bad_alloc();
  return made;
}

}  // namespace

Http2Session::Http2Session(Http2Side side, Http2Events& events)
    : state_(std::make_unique<State>(events)) {
  state_->session.reset(new_session(side, *state_));
  const std::array<nghttp2_settings_entry, 3> settings{
      {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kWindow},
       {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, kMostStreams},
       {NGHTTP2_SETTINGS_ENABLE_PUSH, 0}}};
  // A server may not say anything of pushing.
  const std::size_t said = side == Http2Side::kClient ? settings.size() : settings.size() - 1;
  nghttp2_session* session = state_->session.get();
  nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings.data(), said);
  nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, kWindow);
}

Http2Session::~Http2Session() = default;

Status Http2Session::receive(std::string_view bytes) {
  const ssize_t taken = nghttp2_session_mem_recv(
      state_->session.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (taken >= 0) return {};
  state_->is_broken = true;
  return Error(ErrorCode::kInternal, cat("the other side does not speak HTTP/2 as it should: ",
                                         nghttp2_strerror(static_cast<int>(taken))));
}

std::string_view Http2Session::to_send() {
  if (state_->unsent() == 0) {
    state_->out.clear();
    state_->out_at = 0;
  }
  while (state_->unsent() < kEnoughToSend) {
    const std::uint8_t* bytes = nullptr;
    const std::size_t before = state_->out.size();
    const ssize_t size = nghttp2_session_mem_send(state_->session.get(), &bytes);
    if (size < 0) state_->is_broken = true;
    if (size > 0) state_->out.append(text_of(bytes, static_cast<std::size_t>(size)));
    if (state_->out.size() == before) break;
  }
  return state_->out.expose().substr(state_->out_at);
}

void Http2Session::sent(std::size_t count) { state_->out_at += count; }

bool Http2Session::has_to_send() const {
  return state_->unsent() > 0 ||
         (!state_->is_broken && nghttp2_session_want_write(state_->session.get()) != 0);
}

bool Http2Session::is_over() const {
  return !has_to_send() &&
         (state_->is_broken || nghttp2_session_want_read(state_->session.get()) == 0);
}

bool Http2Session::is_met() const { return state_->is_met; }

Result<StreamId> Http2Session::request(const HeaderFields& headers, Secret body) {
  const auto pairs = pairs_of(headers);
  nghttp2_data_provider provider{{0}, next_piece};
  const StreamId stream = nghttp2_submit_request(state_->session.get(), nullptr, pairs.data(),
                                                 pairs.size(), &provider, nullptr);
  if (stream < 0) {
    return Error(ErrorCode::kInternal, cat("open a stream: ", nghttp2_strerror(stream)));
  }
  state_->outgoing[stream] = {std::move(body), 0, {}};
  return stream;
}

void Http2Session::answer(StreamId stream, const HeaderFields& headers, Secret body,
                          HeaderFields trailers) {
  const auto pairs = pairs_of(headers);
  nghttp2_data_provider provider{{0}, next_piece};
  state_->outgoing[stream] = {std::move(body), 0, std::move(trailers)};
  const int failed =
      nghttp2_submit_response(state_->session.get(), stream, pairs.data(), pairs.size(), &provider);
  if (failed != 0) state_->outgoing.erase(stream);  // the stream is gone
}

void Http2Session::answer(StreamId stream, const HeaderFields& headers) {
  const auto pairs = pairs_of(headers);
  nghttp2_submit_response(state_->session.get(), stream, pairs.data(), pairs.size(), nullptr);
}

void Http2Session::reset(StreamId stream, ResetReason reason) {
  nghttp2_submit_rst_stream(state_->session.get(), NGHTTP2_FLAG_NONE, stream, number_of(reason));
}

void Http2Session::go_away() {
  nghttp2_session* session = state_->session.get();
  nghttp2_submit_goaway(session, NGHTTP2_FLAG_NONE,
                        nghttp2_session_get_last_proc_stream_id(session), NGHTTP2_NO_ERROR, nullptr,
                        0);
}

}  // namespace keyferry::rpc
