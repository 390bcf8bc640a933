#pragma once

#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "rpc/csi_server.h"

// The messages of csi.v1 from and to the bytes of a call (proto/csi.proto). Pure.
namespace keyferry::rpc {

// Checked as csi_server.h says; texts of csi.md 1.4 step 1 and 1.5.
Result<PublishRequest> read_publish(const Secret& message);
Result<UnpublishRequest> read_unpublish(const Secret& message);
Result<VolumeStatsRequest> read_volume_stats(const Secret& message);

Secret write_plugin_info(const std::string& name, const std::string& vendor_version);
Secret write_probe(bool ready);
Secret write_node_capabilities();
Secret write_node_info(const std::string& node_id);
Secret write_volume_stats(const VolumeStats& stats);

}  // namespace keyferry::rpc
