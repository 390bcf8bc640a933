#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "rpc/provider_messages.h"

// The messages of v1alpha1 from and to the bytes of a call (proto/provider.proto). Pure.
namespace keyferry::rpc {

inline constexpr const char* kMountPath = "/v1alpha1.CSIDriverProvider/Mount";
inline constexpr const char* kVersionPath = "/v1alpha1.CSIDriverProvider/Version";

Result<MountRequest> read_mount_request(const Secret& message);
Secret write_mount_request(const MountRequest& request);
Result<MountResponse> read_mount_response(const Secret& message);
Secret write_mount_response(const MountResponse& response);

Secret write_version_request();
Secret write_version(const ProviderVersion& version);
Result<ProviderVersion> read_version(const Secret& message);

}  // namespace keyferry::rpc
