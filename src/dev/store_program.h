#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace keyferry::dev {

enum class FaceName { kVault, kAws, kAzure };  // whose API the dev store speaks

struct StoreOptions {
  FaceName face = FaceName::kVault;
  std::string listen = "127.0.0.1:8200";  // ADDRESS:PORT, port 0 for any
  std::string seed_file;                  // empty: an empty store
  std::string jwt_key_file;  // key of login tokens, private or public PEM, for methods without keys
  std::string root_token;    // only "dev-only" may be given in the open, and is then printed
  std::string root_token_file;  // read when it exists, else written with a random token, 0600
  std::string tls_certificate_file;
  std::string tls_key_file;
};

// Serves until `stop`; prints "listening on URL" as the first line of stdout.
Status run_store(const StoreOptions& options, Clock& clock, std::stop_token stop);

// Writes a fresh P-256 private key (0600); never over an existing file.
Status run_make_key(const std::string& file);

struct TokenOptions {
  std::string key_file;
  std::string kubernetes_namespace;
  std::string service_account;
  std::string audience;
  std::string ttl = "1h";
  std::string issuer;
};
// Prints one service-account token.
Status run_make_token(const TokenOptions& options, Clock& clock);

}  // namespace keyferry::dev
