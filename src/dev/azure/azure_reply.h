#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "formats/json.h"
#include "net/http_server.h"

namespace keyferry::dev {

// Status, body and extra headers of one of Azure's answers; a null body is no body.
struct AzureReply {
  int status = 200;
  Json body;
  std::vector<Header> headers;

  bool good() const { return status < 400; }
};

// {"error": {"code", "message", "innererror": {"code"}}}, as Key Vault answers.
AzureReply key_vault_error(int status, std::string_view code, std::string message,
                           std::string_view inner = "");
// The code Key Vault uses for a status when nothing more is known.
std::string_view key_vault_code_of(int status);

// {"error", "error_description", "error_codes", ...}, as Entra's token endpoint answers.
struct EntraError {
  int status = 400;
  std::string_view error;  // "invalid_client"
  int code = 0;            // 700016
  std::string message;     // without "AADSTS700016: "
};
AzureReply entra_error(const EntraError& error, std::string_view correlation_id, WallTime now);

// {"error", "error_description"}, as the instance metadata service answers.
AzureReply imds_error(int status, std::string_view error, std::string description);

ServerResponse response_of(const AzureReply& reply);

// 32 hexadecimal digits in the form 8-4-4-4-12.
std::string random_guid();

// Who asks, and by which name this listener was addressed.
struct AzureHost {
  std::string scheme;  // "https"
  std::string name;    // lower case, without port
  std::string port;    // ":8443" or empty

  std::string origin() const;
  // Whether the name is more than this machine: "shop.vault.azure.net", not "localhost".
  bool has_label() const;
  std::string label() const;   // "shop"
  std::string suffix() const;  // "vault.azure.net", or the name when it has no label
};
AzureHost host_of(const ServerRequest& request, std::string_view scheme);

}  // namespace keyferry::dev
