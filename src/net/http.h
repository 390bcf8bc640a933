#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/patience.h"
#include "base/result.h"
#include "base/secret.h"

namespace keyferry {

struct Header {
  std::string name;
  std::string value;
};

// A header whose value is a credential (X-Vault-Token, Authorization, X-M2EE-Authentication).
struct SecretHeader {
  std::string name;
  Secret value;
};

enum class TlsVerify { kFull, kNone };  // kNone only where a user asked for it by name
enum class ProxyUse { kFromEnvironment, kNever };
enum class ConnectionUse { kKeepAlive, kFresh };

// A private key that is held in memory. Copies share its bytes; equal where the bytes are.
class KeyText {
 public:
  KeyText() = default;
  explicit KeyText(Secret pem) : pem_(std::make_shared<const Secret>(std::move(pem))) {}

  bool empty() const { return pem_ == nullptr || pem_->empty(); }
  std::string_view expose() const { return empty() ? std::string_view() : pem_->expose(); }

  friend bool operator==(const KeyText& a, const KeyText& b);

 private:
  std::shared_ptr<const Secret> pem_;
};

// Trust for https. Empty fields mean the system's trust store and no client certificate. Texts are
// PEM and go before files.
struct TlsOptions {
  TlsVerify verify = TlsVerify::kFull;
  std::string ca_file;
  std::string ca_directory;
  std::string server_name;  // name to verify and send as SNI instead of the URL's host
  std::string client_certificate_file;
  std::string client_key_file;
  std::string ca_text;
  std::string client_certificate_text;
  KeyText client_key_text;

  bool has_client_certificate() const {
    return !client_certificate_file.empty() || !client_certificate_text.empty();
  }

  friend bool operator==(const TlsOptions&, const TlsOptions&) = default;
};

struct Response;

struct Request {
  std::string method = "GET";
  std::string url;  // http:// or https://, with query
  std::vector<Header> headers;
  std::vector<SecretHeader> secret_headers;
  Secret body;  // sent when not empty, with any method
  TlsOptions tls;
  ProxyUse proxy = ProxyUse::kFromEnvironment;
  ConnectionUse connection = ConnectionUse::kKeepAlive;
  std::size_t max_response_bytes = std::size_t{8} << 20;
  RequestPriority priority = RequestPriority::kNormal;  // where requests have to queue
  std::stop_token stop;                                 // ends the exchange at once with kCancelled
  // Whether an answer is the server's wish to be asked less, where no status of HTTP says it (AWS
  // says it with 400). Null: 429 alone.
  bool (*asks_for_less)(const Response&) = nullptr;
};

// Secrets are copied by name only.
Request copy_of(const Request& request);

struct Response {
  int status = 0;
  std::vector<Header> headers;
  Secret body;

  // First header of that name, whatever its case; empty when absent.
  std::string_view header(std::string_view name) const;
};

// One exchange over HTTP: no retries, no redirects followed. Any status is a Response; an Error
// means there was no whole answer: kUnavailable (refused, reset, cut, name not found),
// kDeadlineExceeded, kCancelled (stopped), kOutOfRange (answer too large),
// kFailedPrecondition (TLS: message says which check failed), kInvalidArgument (URL). Messages name
// method, scheme, host, port and path, never query, headers or body. Any thread may call.
class Http {
 public:
  virtual ~Http() = default;
  virtual Result<Response> send(const Request& request, Deadline deadline) = 0;
};

}  // namespace keyferry
