#include "cli/store_session.h"

#include "base/strings.h"
#include "identity/file_token_source.h"
#include "net/curl_http.h"
#include "os/process.h"

namespace keyferry::cli {

Result<std::unique_ptr<StoreSession>> open_session(const manifest::Manifests& manifests,
                                                   const manifest::SecretProviderClass& spc,
                                                   const IdentityOptions& identity) {
  KF_ASSIGN(const stores::StoreKind kind, stores::store_kind_of(spc.provider));
  auto session = std::make_unique<StoreSession>();
  session->http = make_curl_http();
  session->tokens = std::make_unique<FileTokenSource>(identity.token_files);
  session->store = kind.make({*session->http, session->clock, environment_variable});
  const ObjectName account = service_account_of(manifests, spc, identity.service_account);
  session->pod.namespace_name = account.namespace_name;
  session->pod.service_account = account.name;
  session->pod.aws_role_arn = annotation_of(manifests, account, "eks.amazonaws.com/role-arn");
  return session;
}

}  // namespace keyferry::cli
