#pragma once

#include <string>

#include "base/secret.h"
#include "net/http.h"

namespace keyferry {

// How a token of Microsoft Entra is got.
enum class EntraLogin {
  kFederated,      // workload identity: for the pod's service-account token
  kTokenProxy,     // the same through the cluster's token proxy (AKS identity bindings)
  kSecret,         // a service principal's client secret
  kMachine,        // the managed identity of the machine, from its metadata service (IMDS)
  kNodeManagedPod  // retired AAD pod identity, from the node's NMI
};

inline constexpr const char* kFederatedAudience = "api://AzureADTokenExchange";
inline constexpr const char* kTokenProxyAudience = "api://AKSIdentityBinding";

// Whose token is wanted, and what for. Everything in it is part of what it is kept under: two
// service accounts, two client secrets or two resources never share one.
struct EntraIdentity {
  EntraLogin login = EntraLogin::kFederated;
  std::string namespace_name;
  std::string service_account;
  std::string pod_name;   // kNodeManagedPod
  std::string tenant;     // GUID or domain name
  std::string client_id;  // kMachine: of a user-assigned identity, "" for the machine's own
  std::string authority;  // "https://login.microsoftonline.com", or the token proxy
  std::string metadata;   // kMachine, kNodeManagedPod: address of the service
  std::string resource;   // "https://vault.azure.net"
  TlsOptions tls;         // trust for the authority
};

// "application …", "managed identity …": who asks, for messages.
std::string name_of(const EntraIdentity& identity);

}  // namespace keyferry
