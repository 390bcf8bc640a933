#pragma once

#include <optional>

#include "base/result.h"
#include "base/secret.h"
#include "stores/azure/azure_config.h"
#include "stores/azure/azure_wire.h"

namespace keyferry::stores::azure {

// What the files of one version hold (csi.md 8.5).
struct Contents {
  Secret whole;
  // Of a certificate's secret where they are wanted apart: its certificates, and its key.
  std::optional<Secret> certificates;
  std::optional<Secret> key;
};

// Pure, but for a warning where a chain lacks certificates. kInvalidArgument says what is wrong
// with the value, never showing it.
Result<Contents> contents_of(const ObjectSpec& object, const Bundle& bundle,
                             const AzureConfig& config);

}  // namespace keyferry::stores::azure
