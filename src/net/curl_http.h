#pragma once

#include <memory>

#include "net/http.h"
#include "net/http_stream.h"

namespace keyferry {

// Http over libcurl. Connections are kept alive and shared between threads: each exchange borrows
// an idle handle, one that last spoke to the same origin if there is one. TLS 1.2 or newer,
// HTTP/2 over TLS where the server offers it. The first call in a program sets libcurl and OpenSSL
// up so that memory is wiped before it is freed; nothing else may have used OpenSSL before it.
// The deadline is measured by the machine's steady clock.
std::unique_ptr<Http> make_curl_http();

// The same for answers that are read as they come. Connections of its own, with TCP keep-alive.
std::unique_ptr<HttpStream> make_curl_http_stream();

}  // namespace keyferry
