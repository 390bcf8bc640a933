#include "base/encoding.h"
#include "base/strings.h"
#include "formats/pem.h"
#include "formats/yaml.h"
#include "kube/api_config.h"
#include "net/url.h"

namespace keyferry::kube {

namespace {

// One mapping of the file, named as errors name it: "kubeconfig 'FILE': users[admin]".
class Section {
 public:
  Section(const Yaml* node, std::string name) : node_(node), name_(std::move(name)) {}

  std::string text(std::string_view key) const {
    const Yaml* value = member(key);
    return value == nullptr || value->kind != Yaml::Kind::kScalar ? std::string() : value->scalar;
  }
  bool has(std::string_view key) const { return member(key) != nullptr; }
  Result<bool> truth(std::string_view key) const {
    const Yaml* value = member(key);
    if (value == nullptr) return false;
    const auto read = yaml_bool(*value);
    if (!read.ok()) return refused(key, "is not true or false", "write one of them");
    return *read;
  }
  // The entry of that name in a list of {name: …, KEY: {…}}.
  Result<Section> entry(std::string_view list, const std::string& entry_name,
                        std::string_view key) const {
    std::vector<std::string> known;
    for (const Yaml& item : items_of(list)) {
      const Yaml* its_name = item.find("name");
      if (its_name == nullptr) continue;
      if (its_name->scalar == entry_name) {
        return Section(item.find(key), cat(name_, ": ", list, "[", entry_name, "]"));
      }
      known.push_back(cat("'", its_name->scalar, "'"));
    }
    const std::string there =
        known.empty() ? "the list is empty" : cat("there are: ", join(known, ", "));
    return Error(ErrorCode::kInvalidArgument,
                 printable(cat(name_, ": ", list, ": there is no '", entry_name, "'; ", there)));
  }

  Error refused(std::string_view key, std::string_view problem, std::string_view remedy) const {
    return Error(ErrorCode::kInvalidArgument,
                 printable(cat(name_, ".", key, ": ", problem, "; ", remedy)));
  }

 private:
  const std::vector<Yaml>& items_of(std::string_view list) const {
    static const std::vector<Yaml> none;
    const Yaml* found = member(list);
    return found == nullptr ? none : found->items;
  }
  const Yaml* member(std::string_view key) const {
    const Yaml* found = node_ == nullptr ? nullptr : node_->find(key);
    return found == nullptr || found->kind == Yaml::Kind::kNull ? nullptr : found;
  }

  const Yaml* node_;
  std::string name_;
};

// Relative to the kubeconfig's own folder.
std::string path_in(const std::string& kubeconfig, const std::string& path) {
  const auto slash = kubeconfig.rfind('/');
  if (path.empty() || path.front() == '/' || slash == std::string::npos) return path;
  return kubeconfig.substr(0, slash + 1) + path;
}

// The PEM text of a …-data field; empty where there is none.
Result<Secret> pem_of(const Section& section, std::string_view key) {
  const std::string text = section.text(key);
  if (text.empty()) return Secret();
  auto pem = base64_decode(text);
  if (!pem.ok() || parse_pem(pem->expose()).empty()) {
    return section.refused(key, "is not PEM in base64", "write the file's base64 -w0");
  }
  return pem;
}

Status read_trust(const Section& cluster, const std::string& path, TlsOptions& tls) {
  KF_ASSIGN(const bool insecure, cluster.truth("insecure-skip-tls-verify"));
  KF_ASSIGN(const Secret authority, pem_of(cluster, "certificate-authority-data"));
  tls.ca_text = std::string(authority.expose());
  if (tls.ca_text.empty()) tls.ca_file = path_in(path, cluster.text("certificate-authority"));
  tls.server_name = cluster.text("tls-server-name");
  if (!insecure) return {};
  if (!tls.ca_text.empty() || !tls.ca_file.empty()) {
    return cluster.refused("insecure-skip-tls-verify", "stands beside a certificate authority",
                           "take one of them out");
  }
  tls.verify = TlsVerify::kNone;
  return {};
}

Status read_cluster(const Section& cluster, const std::string& path, ApiConfig& config) {
  if (cluster.has("proxy-url")) {
    return cluster.refused("proxy-url", "is not supported", "set HTTPS_PROXY instead");
  }
  const auto url = parse_url(cluster.text("server"));
  if (!url.ok()) {
    return cluster.refused("server", url.error().message(), "write the API server's https address");
  }
  config.server = to_text(*url);
  while (config.server.ends_with('/')) config.server.pop_back();
  return read_trust(cluster, path, config.tls);
}

Status refuse_what_is_not_done(const Section& user) {
  static constexpr std::pair<const char*, const char*> kNotDone[] = {
      {"exec",
       "give a kubeconfig with a token, tokenFile or client certificate (kubectl create "
       "token makes one)"},
      {"auth-provider", "give a kubeconfig with a token, tokenFile or client certificate"},
      {"username", "API servers take no passwords any more; give a token or client certificate"},
      {"as", "impersonation is not done here; give that user's own credentials"},
      {"as-uid", "impersonation is not done here; give that user's own credentials"},
      {"as-groups", "impersonation is not done here; give that user's own credentials"},
      {"as-user-extra", "impersonation is not done here; give that user's own credentials"}};
  for (const auto& [key, remedy] : kNotDone) {
    if (user.has(key)) return user.refused(key, "is not supported", remedy);
  }
  return {};
}

Status read_client_certificate(const Section& user, const std::string& path, TlsOptions& tls) {
  KF_ASSIGN(const Secret certificate, pem_of(user, "client-certificate-data"));
  KF_ASSIGN(Secret key, pem_of(user, "client-key-data"));
  tls.client_certificate_text = std::string(certificate.expose());
  if (!key.empty()) tls.client_key_text = KeyText(std::move(key));
  if (tls.client_certificate_text.empty()) {
    tls.client_certificate_file = path_in(path, user.text("client-certificate"));
  }
  if (tls.client_key_text.empty()) tls.client_key_file = path_in(path, user.text("client-key"));
  const bool has_key = !tls.client_key_text.empty() || !tls.client_key_file.empty();
  if (tls.has_client_certificate() == has_key) return {};
  return user.refused(has_key ? "client-key" : "client-certificate", "stands alone",
                      "a client certificate and its key belong together");
}

Status read_user(const Section& user, const std::string& path, ApiConfig& config) {
  KF_TRY(refuse_what_is_not_done(user));
  config.token_file = path_in(path, user.text("tokenFile"));
  std::string token = user.text("token");
  if (config.token_file.empty() && !token.empty()) {
    config.token = std::make_shared<const Secret>(Secret::take(token));
  }
  return read_client_certificate(user, path, config.tls);
}

}  // namespace

Result<ApiConfig> parse_kubeconfig(std::string_view text, const std::string& path,
                                   const std::string& context) {
  ApiConfig config;
  config.source = cat("kubeconfig '", path, "'");
  KF_ASSIGN(const auto documents, parse_yaml(text).with_context(config.source));
  const Section file(documents.empty() ? nullptr : &documents.front(), config.source);
  const std::string chosen = context.empty() ? file.text("current-context") : context;
  if (chosen.empty()) {
    return Error(ErrorCode::kInvalidArgument,
                 cat(config.source, ": current-context is missing; name a context"));
  }
  KF_ASSIGN(const Section chosen_context, file.entry("contexts", chosen, "context"));
  config.namespace_name = chosen_context.text("namespace");
  KF_ASSIGN(const Section cluster,
            file.entry("clusters", chosen_context.text("cluster"), "cluster"));
  KF_TRY(read_cluster(cluster, path, config));
  // A context without a user asks as nobody, as kubectl does.
  if (const std::string user = chosen_context.text("user"); !user.empty()) {
    KF_ASSIGN(const Section section, file.entry("users", user, "user"));
    KF_TRY(read_user(section, path, config));
  }
  return config;
}

}  // namespace keyferry::kube
