#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/problem.h"
#include "formats/jmespath.h"
#include "identity/aws_credential_source.h"
#include "manifest/secret_provider_class.h"
#include "stores/object_extras.h"

namespace keyferry::stores::aws {

enum class ObjectType { kSecret, kParameter };  // Secrets Manager; Systems Manager Parameter Store

// What is asked for: in the region of the mount, or in the second one under another name.
struct ObjectQuery {
  std::string id;       // name or ARN
  std::string version;  // VersionId of a secret, number of a parameter; "" for the current one
  std::string label;    // VersionStage of a secret, label of a parameter

  friend bool operator==(const ObjectQuery&, const ObjectQuery&) = default;
};

// A part of a JSON value that becomes a file of its own.
struct Part {
  std::string expression;
  std::shared_ptr<const JmesPath> path;
  std::string file;
  std::optional<std::uint32_t> mode;
};

// One entry of spec.parameters.objects.
struct ObjectSpec {
  std::string name;  // objectName, for messages
  ObjectType type = ObjectType::kSecret;
  ObjectQuery query;
  std::optional<ObjectQuery> failover;  // failoverObject; else the same name there
  std::string file;                     // objectAlias or objectName, path translation applied
  std::optional<std::uint32_t> mode;
  std::vector<Part> parts;  // jmesPath
  ObjectExtras extras;      // optional, expandKeys
  int line = 0;
};

// spec.parameters of a SecretProviderClass for provider aws (csi.md 7.2).
struct AwsConfig {
  std::string region;  // "" where the class names none
  std::string failover_region;
  AwsLogin login = AwsLogin::kWebIdentity;       // usePodIdentity
  std::vector<std::string> pod_identity_agents;  // preferredAddressType: addresses, best first
  std::string assume_role_arn;                   // our own: a second role
  std::string endpoint_url;  // our own: where all services are asked, instead of AWS
  std::vector<ObjectSpec> objects;
};

struct ParsedConfig {
  AwsConfig config;
  Problems problems;  // errors: the config must not be used
};

// Pure. Every problem has the line of its parameter, inside `objects` that of the entry's field.
ParsedConfig parse_config(const manifest::SecretProviderClass& spc);

// How "/" in a name becomes part of a file's name.
struct PathTranslation {
  std::optional<char> replacement = '_';  // none: the name is a path in the mount
};

// The entries of `objects`; used by parse_config. Regions: those an ARN may name.
std::vector<ObjectSpec> parse_objects(const manifest::SecretProviderClass& spc,
                                      const AwsConfig& config, PathTranslation translation,
                                      Problems& problems);

}  // namespace keyferry::stores::aws
