#pragma once

#include <string>
#include <vector>

#include "identity/aws_credential_source.h"
#include "stores/aws/aws_reader.h"
#include "stores/class_cache.h"
#include "stores/store.h"

namespace keyferry::stores::aws {

// AWS Secrets Manager and Systems Manager Parameter Store, as a SecretProviderClass of provider aws
// asks for them (csi.md 7). The second region is asked only for what the first one could not give
// for a reason that is not ours.
class AwsStore final : public Store {
 public:
  explicit AwsStore(const StoreParts& parts);

  Result<FetchResult> fetch(const FetchRequest& request) override;

 private:
  struct Visit;  // one fetch
  struct Asked;  // what it has to ask for

  Result<AwsIdentity> identity_of(const FetchRequest& request, const AwsConfig& config) const;
  AwsEndpoints endpoints_for(const AwsConfig& config) const;
  Result<std::vector<Answer>> read(const Visit& visit, const std::string& region,
                                   const std::vector<Question>& questions, Deadline deadline);
  Deadline half_of(Deadline deadline) const;
  void read_elsewhere(const Visit& visit, const Asked& asked, std::vector<Answer>& answers);

  Http& http_;
  Clock& clock_;
  const Environment environment_;
  const AwsEndpoints endpoints_;
  AwsCredentialSource credentials_;
  Denials denials_{clock_};
  ClassCache<ParsedConfig> classes_;
};

// Its line of stores.def.
StoreKind kind();

}  // namespace keyferry::stores::aws
