#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "identity/token_source.h"
#include "manifest/secret_provider_class.h"
#include "net/http.h"
#include "stores/store.h"

namespace keyferry::conformance {

// An object of a class under test: which field of which secret becomes which file.
struct WantedObject {
  std::string file;
  std::string secret;
  std::string field;
  std::string mode;  // "0640"; "" for none
};

// One line of stores.def as the suite sees it, with a real server behind it. Every store of
// stores.def has one (see conformance_test.cc); it is told where its server is by the environment
// and fails without.
class StoreFixture {
 public:
  virtual ~StoreFixture() = default;

  // Makes a secret with these fields, or gives it these.
  virtual void put(const std::string& secret, const std::map<std::string, std::string>& fields) = 0;
  virtual manifest::SecretProviderClass class_of(const std::vector<WantedObject>& objects) = 0;
  // The same class, its server's address one where nothing listens.
  virtual manifest::SecretProviderClass unreachable(manifest::SecretProviderClass spc) = 0;

  // Takes the pod's right to read away, and gives it back.
  virtual void revoke() { ADD_FAILURE() << "this store's fixture cannot take rights away"; }
  virtual void admit() {}

  virtual TokenSource& pod() = 0;       // may read what put() wrote
  virtual TokenSource& stranger() = 0;  // a valid identity that may read nothing
  virtual bool keeps_fields_together() const { return true; }    // so that it can name the others
  virtual std::size_t largest_value() const { return 200'000; }  // bytes the server stores
  virtual std::string aws_role_arn() const { return ""; }        // of the pod's service account
};

// An environment variable that must be there.
std::string needed(const char* variable);

}  // namespace keyferry::conformance
