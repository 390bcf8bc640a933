#pragma once

#include <memory>
#include <string>

#include "base/single_flight.h"
#include "manifest/secret_provider_class.h"

namespace keyferry::node {

// A SecretProviderClass as it was at one moment.
struct KnownClass {
  manifest::SecretProviderClass spc;
  std::string version;  // changes with every change of the object
};
using KnownClassPtr = std::shared_ptr<const KnownClass>;

// Where SecretProviderClasses come from.
class ClassSource {
 public:
  virtual ~ClassSource() = default;
  // kNotFound in the words that people know (csi.md 1.4 step 7); kFailedPrecondition: something is
  // wrong with it, all of it named.
  virtual Result<KnownClassPtr> find(const std::string& namespace_name, const std::string& name,
                                     const Patience& patience) = 0;
};

}  // namespace keyferry::node
