#include "cli/store_session.h"

#include "base/strings.h"
#include "fetch/endpoint_gate.h"
#include "identity/file_token_source.h"
#include "net/curl_http.h"
#include "net/digest.h"
#include "os/dir.h"
#include "os/process.h"
#include "volume/kept_folder.h"

namespace keyferry::cli {

namespace {

constexpr std::size_t kLargestSecret = std::size_t{1} << 20;

Result<std::shared_ptr<const stores::PublishSecrets>> read_publish_secrets(
    const std::map<std::string, std::string>& files) {
  std::shared_ptr<const stores::PublishSecrets> none;
  if (files.empty()) return none;
  auto secrets = std::make_shared<stores::PublishSecrets>();
  for (const auto& [key, path] : files) {
    KF_ASSIGN(const Secret text, read_file(path, kLargestSecret)
                                     .with_context(cat("--publish-secret: ", key, ": '", path, "'"))
                                     .with_remedy("name a file that can be read"));
    secrets->insert_or_assign(key, Secret(trim(text.expose())));
  }
  return std::shared_ptr<const stores::PublishSecrets>(std::move(secrets));
}

}  // namespace

Result<std::unique_ptr<StoreSession>> open_session(const manifest::Manifests& manifests,
                                                   const manifest::SecretProviderClass& spc,
                                                   const IdentityOptions& identity,
                                                   const StoreUse& use) {
  KF_ASSIGN(const stores::StoreKind kind, stores::store_kind_of(spc.provider));
  auto session = std::make_unique<StoreSession>();
  session->http = make_curl_http();
  session->gate = std::make_unique<fetch::EndpointGate>(
      *session->http, session->clock, fetch::GateOptions{use.requests_per_second}, random_share);
  if (!use.state_dir.empty()) {
    KF_ASSIGN(
        session->kept,
        volume::open_kept_folder(use.state_dir)
            .with_context(cat("--state: '", use.state_dir, "'"))
            .with_remedy("name a folder on a tmpfs that no other program uses, or a new one"));
  }
  KF_ASSIGN(session->secrets, read_publish_secrets(identity.publish_secrets));
  session->tokens = std::make_unique<FileTokenSource>(identity.token_files);
  session->store =
      kind.make({*session->gate, session->clock, environment_variable, session->kept.get()});
  const ObjectName account = service_account_of(manifests, spc, identity.service_account);
  session->pod.namespace_name = account.namespace_name;
  session->pod.service_account = account.name;
  session->pod.aws_role_arn = annotation_of(manifests, account, "eks.amazonaws.com/role-arn");
  return session;
}

}  // namespace keyferry::cli
