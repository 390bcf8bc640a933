#include "kube/api_config.h"

#include "base/strings.h"
#include "os/dir.h"

namespace keyferry::kube {

namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 20;

Error outside(std::string_view problem) {
  return Error(ErrorCode::kFailedPrecondition,
               cat("in-cluster configuration: ", problem,
                   "; in a pod mount the ServiceAccount's token "
                   "(automountServiceAccountToken: true), elsewhere give a kubeconfig"));
}

Result<std::string> variable_of(const Variable& variable, std::string_view name) {
  std::string value = variable(name);
  if (value.empty()) return outside(cat(name, " is not set"));
  return value;
}

Status check_file(const std::string& path) {
  const auto text = read_file(path, kLargestFile);
  if (!text.ok()) return outside(text.error().message());
  if (trim(text->expose()).empty()) return outside(cat("'", path, "' is empty"));
  return {};
}

std::string namespace_in(const std::string& path) {
  const auto text = read_file(path, kLargestFile);
  return text.ok() ? std::string(trim(text->expose())) : std::string();
}

}  // namespace

Result<ApiConfig> in_cluster_config(const Variable& variable, const std::string& folder) {
  KF_ASSIGN(const std::string host, variable_of(variable, "KUBERNETES_SERVICE_HOST"));
  KF_ASSIGN(const std::string port, variable_of(variable, "KUBERNETES_SERVICE_PORT"));
  ApiConfig config;
  config.source = "in-cluster";
  const bool is_v6 = host.find(':') != std::string::npos;
  config.server = cat("https://", is_v6 ? "[" : "", host, is_v6 ? "]" : "", ":", port);
  config.token_file = cat(folder, "/token");
  config.tls.ca_file = cat(folder, "/ca.crt");
  KF_TRY(check_file(config.token_file));
  KF_TRY(check_file(config.tls.ca_file));
  config.namespace_name = namespace_in(cat(folder, "/namespace"));
  return config;
}

Result<ApiConfig> read_kubeconfig(const std::string& path, const std::string& context) {
  KF_ASSIGN(const Secret text, read_file(path, kLargestFile)
                                   .with_context("kubeconfig")
                                   .with_remedy("name a kubeconfig file that is there"));
  return parse_kubeconfig(text.expose(), path, context);
}

}  // namespace keyferry::kube
