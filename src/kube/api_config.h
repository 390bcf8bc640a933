#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "net/http.h"

namespace keyferry::kube {

// Where the API server is and who we are to it.
struct ApiConfig {
  std::string server;                   // "https://10.96.0.1:443", without a slash at its end
  TlsOptions tls;                       // trust, and the client certificate where there is one
  std::string token_file;               // read anew as it changes; "" for none
  std::shared_ptr<const Secret> token;  // where it is not in a file; null for none
  std::string namespace_name;           // ours, or the context's; "" where it is not known
  std::string source;  // "in-cluster", "kubeconfig '/root/.kube/config'": for messages
};

inline constexpr const char* kServiceAccountFolder =
    "/var/run/secrets/kubernetes.io/serviceaccount";

// What a variable of the environment holds; "" where it is not set.
using Variable = std::function<std::string(std::string_view name)>;

// In a pod: KUBERNETES_SERVICE_HOST and _PORT, and token, ca.crt and namespace in the folder that
// is mounted there. kFailedPrecondition names the variable or file that is missing.
Result<ApiConfig> in_cluster_config(const Variable& variable,
                                    const std::string& folder = kServiceAccountFolder);

// A kubeconfig file: the context of that name, the current one where it is "". kNotFound: no such
// file; kInvalidArgument names file, field and remedy. What is not done here is refused, not passed
// over: exec and auth-provider plugins, user name and password, impersonation, proxy-url.
Result<ApiConfig> read_kubeconfig(const std::string& path, const std::string& context = "");

// The same of a file's text. Paths in it are relative to `path`'s folder. Pure.
Result<ApiConfig> parse_kubeconfig(std::string_view text, const std::string& path,
                                   const std::string& context);

}  // namespace keyferry::kube
