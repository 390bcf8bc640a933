// A kubeconfig file.
#include "base/encoding.h"
#include "fuzz/promise.h"
#include "kube/api_config.h"

namespace keyferry::fuzz {
namespace {

void check(std::string_view text) {
  for (const char* context : {"", "one"}) {
    const auto config = kube::parse_kubeconfig(text, "/etc/kf/config", context);
    if (!config.ok()) {
      promise(config.error().code() == ErrorCode::kInvalidArgument, "a bad file is an argument");
      promise(printable(config.error().message()) == config.error().message(),
              "an error is one line");
      continue;
    }
    promise(config->server.starts_with("http"), "a server has an address");
    promise(!config->server.ends_with('/'), "paths can be added to it");
    const TlsOptions& tls = config->tls;
    const bool has_key = !tls.client_key_file.empty() || !tls.client_key_text.empty();
    promise(has_key == tls.has_client_certificate(), "a certificate has its key");
    const bool trusts = !tls.ca_file.empty() || !tls.ca_text.empty();
    promise(tls.verify == TlsVerify::kFull || !trusts, "who is trusted is verified");
    promise(config->token == nullptr || config->token_file.empty(), "there is one token");
  }
}

}  // namespace
}  // namespace keyferry::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  keyferry::fuzz::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
