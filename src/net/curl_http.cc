#include "net/curl_http.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <mutex>
#include <optional>
#include <vector>

#include "base/strings.h"
#include "net/curl_error.h"
#include "net/url.h"
#include "net/wiping_c_heap.h"
#include "os/system_clock.h"

namespace keyferry {

namespace {

struct EasyDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct MultiDeleter {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// What one exchange at a time runs on. The multi handle holds the connections that are kept, and
// can be woken by another thread.
struct Lane {
  std::unique_ptr<CURLM, MultiDeleter> multi{curl_multi_init()};
  std::unique_ptr<CURL, EasyDeleter> easy{curl_easy_init()};
  std::string origin;  // the last one it spoke to
};
using HeaderList = std::unique_ptr<curl_slist, ListDeleter>;

// What an exchange has received so far.
struct Receiving {
  Response response;
  std::size_t limit = 0;
  bool too_large = false;
  bool headers_ended = false;      // the empty line was seen; an answer cut before it looks whole
  const BodySink* sink = nullptr;  // of a stream; else the body goes into the response
  Status sunk;                     // what the sink said

  bool flows() const { return sink != nullptr && response.status == 200; }
  bool sink_takes(std::string_view bytes) {
    sunk = (*sink)(bytes);
    return sunk.ok();
  }
};

std::size_t receive_body(char* data, std::size_t, std::size_t size, void* user) {
  auto& receiving = *static_cast<Receiving*>(user);
  if (receiving.flows()) return receiving.sink_takes({data, size}) ? size : 0;
  if (receiving.response.body.size() + size > receiving.limit) {
    receiving.too_large = true;
    return 0;
  }
  receiving.response.body.append({data, size});
  return size;
}

// "HTTP/1.1 200 OK", "HTTP/2 200 "
int status_in(std::string_view line) {
  const auto words = split(trim(line), ' ');
  int status = 0;
  if (words.size() > 1) {
    std::from_chars(words[1].data(), words[1].data() + words[1].size(), status);
  }
  return status;
}

std::size_t receive_header(char* data, std::size_t, std::size_t size, void* user) {
  auto& receiving = *static_cast<Receiving*>(user);
  Response& response = receiving.response;
  const std::string_view line(data, size);
  if (line.starts_with("HTTP/")) {
    response.status = status_in(line);
    response.headers.clear();  // an interim answer came before
  }
  receiving.headers_ended = trim(line).empty();
  if (receiving.headers_ended && receiving.flows()) return receiving.sink_takes("") ? size : 0;
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return size;
  response.headers.push_back(
      {std::string(trim(line.substr(0, colon))), std::string(trim(line.substr(colon + 1)))});
  return size;
}

// "GET http://host:port/path": where a request goes, without user, query and fragment.
std::string shown(const Request& request) {
  auto url = parse_url(request.url);
  if (!url.ok()) return cat(request.method, " (no address)");
  url->query.clear();
  return cat(request.method, " ", to_text(*url));
}

Error error_of(CURLcode code, const Request& request, const Receiving& receiving,
               std::string_view buffer) {
  const std::string what = shown(request);
  const std::string_view detail = buffer.empty() ? curl_easy_strerror(code) : buffer;
  if (receiving.too_large) {
    return Error(ErrorCode::kOutOfRange, cat(what, ": the answer is larger than the limit of ",
                                             receiving.limit, " bytes; keep less in one place"));
  }
  const bool is_unanswered_tls =
      request.url.starts_with("https:") && receiving.response.headers.empty();
  return curl_error({code, what, detail, is_unanswered_tls}, request.tls);
}

// Nothing is copied by the handle: the bytes live as long as the exchange. A connection that is
// kept has a copy of its own, which later exchanges are compared with.
void set_blob(CURL* handle, CURLoption option, std::string_view bytes) {
  if (bytes.empty()) return;
  curl_blob blob{const_cast<char*>(bytes.data()), bytes.size(), CURL_BLOB_NOCOPY};
  curl_easy_setopt(handle, option, &blob);
}

void set_tls(CURL* handle, const TlsOptions& tls) {
  const auto set = [&](CURLoption option, const std::string& value) {
    if (!value.empty()) curl_easy_setopt(handle, option, value.c_str());
  };
  curl_easy_setopt(handle, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
  // Own roots replace the system's: libcurl would trust those beside them.
  if (!tls.ca_file.empty() || !tls.ca_directory.empty() || !tls.ca_text.empty()) {
    curl_easy_setopt(handle, CURLOPT_CAINFO, nullptr);
    curl_easy_setopt(handle, CURLOPT_CAPATH, nullptr);
  }
  set(CURLOPT_CAINFO, tls.ca_file);
  set(CURLOPT_CAPATH, tls.ca_directory);
  set(CURLOPT_SSLCERT, tls.client_certificate_file);
  set(CURLOPT_SSLKEY, tls.client_key_file);
  set_blob(handle, CURLOPT_CAINFO_BLOB, tls.ca_text);
  set_blob(handle, CURLOPT_SSLCERT_BLOB, tls.client_certificate_text);
  set_blob(handle, CURLOPT_SSLKEY_BLOB, tls.client_key_text.expose());
  curl_easy_setopt(handle, CURLOPT_CA_CACHE_TIMEOUT, 0L);  // a renewed authority counts at once
  const bool verify = tls.verify == TlsVerify::kFull;
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, verify ? 1L : 0L);
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
}

void set_method(CURL* handle, const Request& request) {
  if (!request.body.empty()) {
    const std::string_view body = request.body.expose();
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body.data());
  } else if (request.method == "HEAD") {
    curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
  } else if (request.method == "POST" || request.method == "PUT") {
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t{0});
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, "");
  }
  curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

// A server name other than the URL's host: the URL gets that name, and a rule sends connections
// for it to the host that was meant, so that SNI and verification both use the name.
struct Target {
  std::string url;
  HeaderList connect_to;
  std::string host_header;
};

std::string in_brackets(const std::string& host) {
  return host.find(':') == std::string::npos ? host : cat('[', host, ']');
}

Target target_of(const Request& request, const Url& url) {
  Target target{to_text(url), nullptr, ""};
  if (request.tls.server_name.empty() || url.scheme != "https") return target;
  Url named = url;
  named.host = request.tls.server_name;
  target.url = to_text(named);
  target.host_header = cat("Host: ", in_brackets(url.host), ":", url.port);
  const std::string rule =
      cat(named.host, ":", url.port, ":", in_brackets(url.host), ":", url.port);
  target.connect_to.reset(curl_slist_append(nullptr, rule.c_str()));
  return target;
}

// A line end in a header would begin another header.
Status check_headers(const Request& request) {
  const auto check = [&](std::string_view name, std::string_view value) -> Status {
    if (std::none_of(value.begin(), value.end(), is_control)) return {};
    return Error(ErrorCode::kInvalidArgument,
                 cat(shown(request), ": header ", name, " holds a control character; take it out"));
  };
  for (const Header& header : request.headers) KF_TRY(check(header.name, header.value));
  for (const SecretHeader& header : request.secret_headers) {
    KF_TRY(check(header.name, header.value.expose()));
  }
  return {};
}

HeaderList headers_of(const Request& request, const Target& target) {
  HeaderList list;
  const auto append = [&](const std::string& line) {
    list.reset(curl_slist_append(list.release(), line.c_str()));
  };
  for (const Header& header : request.headers) append(cat(header.name, ": ", header.value));
  for (const SecretHeader& header : request.secret_headers) {
    std::string line = cat(header.name, ": ", header.value.expose());
    append(line);
    wipe(line.data(), line.size());
  }
  if (!target.host_header.empty()) append(target.host_header);
  append("Expect:");  // no round trip before a body
  return list;
}

void set_limits(CURL* handle, std::int64_t timeout_ms) {
  constexpr std::int64_t kLongestConnect = 10'000;
  constexpr std::int64_t kLongest = 86'400'000;
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(std::min(timeout_ms, kLongest)));
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(std::min(timeout_ms, kLongestConnect)));
}

void set_connection(CURL* handle, const Request& request) {
  const long fresh = request.connection == ConnectionUse::kFresh ? 1L : 0L;
  curl_easy_setopt(handle, CURLOPT_FRESH_CONNECT, fresh);
  curl_easy_setopt(handle, CURLOPT_FORBID_REUSE, fresh);
  curl_easy_setopt(handle, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);  // a proxy's are not the answer's
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  if (request.proxy == ProxyUse::kNever) curl_easy_setopt(handle, CURLOPT_PROXY, "");
}

// Runs the exchange that is set up in the lane; nothing when it was stopped.
std::optional<CURLcode> perform(const Lane& lane, const std::stop_token& stop) {
  CURLM* multi = lane.multi.get();
  const std::stop_callback wake(stop, [multi] { curl_multi_wakeup(multi); });
  curl_multi_add_handle(multi, lane.easy.get());
  std::optional<CURLcode> code;
  for (int running = 1; running > 0 && !stop.stop_requested();) {
    if (curl_multi_perform(multi, &running) != CURLM_OK) code = CURLE_FAILED_INIT;
    if (code) break;
    constexpr int kLongestSleepMs = 60'000;  // libcurl itself wakes up for its timeouts
    if (running > 0) curl_multi_poll(multi, nullptr, 0, kLongestSleepMs, nullptr);
  }
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
    if (message->msg == CURLMSG_DONE) code = message->data.result;
  }
  curl_multi_remove_handle(multi, lane.easy.get());
  return code;
}

// A peer that went without a word, or is cut off, is noticed within a minute: asked after half of
// it whether it is there, given up when nothing comes back.
int keep_watch(void*, curl_socket_t socket, curlsocktype) {
  constexpr unsigned kGiveUpAfterMs = 60'000;
  ::setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &kGiveUpAfterMs, sizeof kGiveUpAfterMs);
  return CURL_SOCKOPT_OK;
}

void set_keep_alive(CURL* handle) {
  curl_easy_setopt(handle, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(handle, CURLOPT_TCP_KEEPIDLE, 30L);
  curl_easy_setopt(handle, CURLOPT_TCP_KEEPINTVL, 10L);
  curl_easy_setopt(handle, CURLOPT_SOCKOPTFUNCTION, keep_watch);
}

Result<Response> exchange(const Lane& lane, const Request& request, const Url& url,
                          std::int64_t timeout_ms, const BodySink* sink) {
  CURL* handle = lane.easy.get();
  Receiving receiving;
  receiving.limit = request.max_response_bytes;
  receiving.sink = sink;
  char problem[CURL_ERROR_SIZE] = "";
  const Target target = target_of(request, url);
  const HeaderList headers = headers_of(request, target);

  curl_easy_setopt(handle, CURLOPT_URL, target.url.c_str());
  curl_easy_setopt(handle, CURLOPT_CONNECT_TO, target.connect_to.get());
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, problem);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, receive_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &receiving);
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, receive_header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &receiving);
  set_limits(handle, timeout_ms);
  set_connection(handle, request);
  set_tls(handle, request.tls);
  set_method(handle, request);
  if (sink != nullptr) set_keep_alive(handle);

  const auto code = perform(lane, request.stop);
  if (!code) return Error(ErrorCode::kCancelled, cat(shown(request), ": stopped"));
  if (!receiving.sunk.ok()) return std::move(receiving.sunk).error();
  if (*code != CURLE_OK) return error_of(*code, request, receiving, problem);
  if (!receiving.headers_ended) {
    return Error(ErrorCode::kUnavailable,
                 cat(shown(request), ": the connection was cut inside the answer's headers"));
  }
  return std::move(receiving.response);
}

class CurlHttp final : public Http, public HttpStream {
 public:
  CurlHttp() { set_up_c_libraries(); }

  Result<Response> send(const Request& request, Deadline deadline) override {
    return run(request, deadline, nullptr);
  }
  Result<Response> stream(const Request& request, const BodySink& sink,
                          Deadline deadline) override {
    return run(request, deadline, &sink);
  }

 private:
  Result<Response> run(const Request& request, Deadline deadline, const BodySink* sink) {
    auto url = parse_url(request.url);
    if (!url.ok()) return std::move(url).error().with_context(request.method);
    KF_TRY(check_headers(request));
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline.left(clock_)).count();
    if (left <= 0) {
      return Error(ErrorCode::kDeadlineExceeded, cat(shown(request), ": no time left to ask"));
    }
    Lane lane = borrow(origin_of(*url));
    auto result = exchange(lane, request, *url, left, sink);
    give_back(std::move(lane));
    return result;
  }

  Lane borrow(const std::string& origin) {
    const std::lock_guard lock(mutex_);
    const auto chosen = std::find_if(idle_.begin(), idle_.end(),
                                     [&](const Lane& idle) { return idle.origin == origin; });
    if (chosen != idle_.end()) {
      Lane lane = std::move(*chosen);
      idle_.erase(chosen);
      return lane;
    }
    Lane lane;
    lane.origin = origin;
    return lane;
  }

  void give_back(Lane lane) {
    constexpr std::size_t kMostIdle = 8;
    curl_easy_reset(lane.easy.get());  // forgets the request, keeps the connections
    const std::lock_guard lock(mutex_);
    if (idle_.size() == kMostIdle) idle_.erase(idle_.begin());  // the one unused for longest
    idle_.push_back(std::move(lane));
  }

  const SystemClock clock_;
  std::mutex mutex_;
  std::vector<Lane> idle_;
};

}  // namespace

std::unique_ptr<Http> make_curl_http() { return std::make_unique<CurlHttp>(); }
std::unique_ptr<HttpStream> make_curl_http_stream() { return std::make_unique<CurlHttp>(); }

}  // namespace keyferry
