#include "cli/store_session.h"

#include "base/strings.h"
#include "fetch/endpoint_gate.h"
#include "identity/file_token_source.h"
#include "net/curl_http.h"
#include "net/digest.h"
#include "os/process.h"
#include "volume/kept_folder.h"

namespace keyferry::cli {

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
    KF_ASSIGN(session->kept, volume::open_kept_folder(use.state_dir)
                                 .with_context(cat("--state: '", use.state_dir, "'"))
                                 .with_remedy("name a folder on a tmpfs, or a new one inside one"));
  }
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
