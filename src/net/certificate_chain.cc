#include "net/certificate_chain.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <optional>

#include "net/openssl_pointers.h"

namespace keyferry {

namespace {

struct Node {
  std::string own_key;      // SubjectKeyIdentifier; "" where there is none
  std::string issuers_key;  // AuthorityKeyIdentifier
  std::optional<std::size_t> issuer;
  bool has_issued = false;
};

X509Ptr parsed(std::string_view der) {
  const unsigned char* at = openssl_bytes(der);
  X509Ptr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  const bool whole = certificate != nullptr && at == openssl_bytes(der) + der.size();
  if (!whole) {
    ERR_clear_error();
    certificate.reset();
  }
  return certificate;
}

std::string text_of(const ASN1_OCTET_STRING* bytes) {
  if (bytes == nullptr) return "";
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(bytes)),
          static_cast<std::size_t>(ASN1_STRING_length(bytes))};
}

// Each with the first other one whose key its issuer's is.
Result<std::vector<Node>> nodes_of(const std::vector<std::string>& certificates) {
  std::vector<Node> nodes;
  for (const std::string& der : certificates) {
    const X509Ptr certificate = parsed(der);
    if (certificate == nullptr) {
      return Error(ErrorCode::kInvalidArgument, "holds a certificate that is none");
    }
    nodes.push_back({text_of(X509_get0_subject_key_id(certificate.get())),
                     text_of(X509_get0_authority_key_id(certificate.get())), std::nullopt});
  }
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    for (std::size_t j = 0; j < nodes.size() && !nodes[i].issuer; ++j) {
      const bool issued =
          i != j && !nodes[i].issuers_key.empty() && nodes[i].issuers_key == nodes[j].own_key;
      if (!issued) continue;
      nodes[i].issuer = j;
      nodes[j].has_issued = true;
    }
  }
  return nodes;
}

}  // namespace

Result<CertificateChain> chain_of(const std::vector<std::string>& certificates) {
  KF_ASSIGN(const std::vector<Node> nodes, nodes_of(certificates));
  std::optional<std::size_t> next;
  for (std::size_t i = nodes.size(); i-- > 0;) {
    if (!nodes[i].has_issued) next = i;
  }
  if (!next) {
    return Error(ErrorCode::kInvalidArgument,
                 nodes.empty() ? "holds no certificate"
                               : "holds no leaf: each of its certificates issued another one");
  }
  CertificateChain chain;
  for (; next; next = nodes[*next].issuer) {
    if (chain.certificates.size() == nodes.size()) {
      return Error(ErrorCode::kInvalidArgument, "holds certificates that issued each other");
    }
    chain.certificates.push_back(certificates[*next]);
  }
  if (chain.certificates.size() == nodes.size()) return chain;
  return CertificateChain{certificates, ChainLinks::kMissing};
}

}  // namespace keyferry
