#include "net/curl_error.h"

#include "base/strings.h"

namespace keyferry {

namespace {

bool says(std::string_view words, std::string_view part) { return words.find(part) != words.npos; }

Error refused_certificate(std::string_view what, std::string_view detail) {
  std::string_view remedy = "give the CA that signed it";
  if (says(detail, "subject name")) {
    remedy = "check the address against the certificate's names, or give the TLS server name";
  } else if (says(detail, "expired")) {
    remedy = "renew it, or set the clock here right";
  } else if (says(detail, "not yet valid")) {
    remedy = "set the clock here right, or wait until it is";
  }
  return Error(ErrorCode::kFailedPrecondition,
               cat(what, ": the server's certificate was refused: ", detail, "; ", remedy));
}

// Alerts by which a server says that it wants another client certificate, or one at all (RFC 8446
// 6.2, in OpenSSL's words). TLS 1.3 sends them after the handshake, in place of the answer.
bool wants_client_certificate(std::string_view detail) {
  for (const std::string_view alert :
       {"alert certificate required", "alert handshake failure", "alert bad certificate",
        "alert unsupported certificate", "alert certificate revoked", "alert certificate expired",
        "alert certificate unknown", "alert unknown ca", "alert access denied"}) {
    if (says(detail, alert)) return true;
  }
  return false;
}

// Where something of TLS comes from.
std::string origin_of(const std::string& text, const std::string& file) {
  return text.empty() ? cat("'", file, "'") : std::string("that was given as a text");
}

std::string client_certificate_remedy(const TlsOptions& tls) {
  if (!tls.has_client_certificate()) {
    return "the server seems to ask for a client certificate; give one and its key";
  }
  return cat("does the server take the client certificate ",
             origin_of(tls.client_certificate_text, tls.client_certificate_file),
             "? It must be in date and of an authority that the server trusts");
}

// What to look at when no secure connection came about.
std::string tls_remedy(const CurlFailure& failure, const TlsOptions& tls) {
  if (failure.code == CURLE_SSL_CACERT_BADFILE) {
    return cat("check the authority ",
               origin_of(tls.ca_text, tls.ca_file.empty() ? tls.ca_directory : tls.ca_file));
  }
  if (failure.code == CURLE_SSL_CERTPROBLEM) {
    return cat("check the client certificate ",
               origin_of(tls.client_certificate_text, tls.client_certificate_file), " and its key",
               tls.client_key_text.empty() ? cat(" '", tls.client_key_file, "'") : "");
  }
  if (wants_client_certificate(failure.detail)) return client_certificate_remedy(tls);
  return "does the server speak TLS (https) at this port?";
}

}  // namespace

Error curl_error(const CurlFailure& failure, const TlsOptions& tls) {
  const auto [code, what, detail, is_unanswered_tls] = failure;
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return Error(ErrorCode::kDeadlineExceeded, cat(what, ": no whole answer in time"));
    case CURLE_PEER_FAILED_VERIFICATION:
      return refused_certificate(what, detail);
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CIPHER:
      return Error(ErrorCode::kFailedPrecondition,
                   cat(what, ": TLS failed: ", detail, "; ", tls_remedy(failure, tls)));
    default:
      break;
  }
  const bool is_broken_off = code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR ||
                             code == CURLE_HTTP2 || code == CURLE_GOT_NOTHING;
  if (!is_broken_off || !is_unanswered_tls) {
    return Error(ErrorCode::kUnavailable, cat(what, ": ", detail));
  }
  if (wants_client_certificate(detail)) {
    return Error(ErrorCode::kFailedPrecondition,
                 cat(what, ": TLS failed: ", detail, "; ", client_certificate_remedy(tls)));
  }
  // The alert is lost where the server has closed before our request was on its way.
  return Error(ErrorCode::kUnavailable,
               cat(what, ": ", detail, "; where it stays so: ", client_certificate_remedy(tls)));
}

}  // namespace keyferry
