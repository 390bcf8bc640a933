#include "net/certificate_parts.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include <cstring>
#include <ctime>

#include "net/digest.h"
#include "net/openssl_pointers.h"

namespace keyferry {
namespace {

void free_stack(STACK_OF(X509) * stack) { sk_X509_pop_free(stack, X509_free); }

using BioPtr = OpensslPtr<BIO, BIO_free_all>;
using StackPtr = OpensslPtr<STACK_OF(X509), free_stack>;
using PfxPtr = OpensslPtr<PKCS12, PKCS12_free>;

Error unreadable(const char* what) { return {ErrorCode::kInvalidArgument, what}; }

int no_pass_phrase(char*, int, int, void*) { return -1; }

BioPtr reading(std::string_view bytes) {
  return BioPtr(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

std::string_view written(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string der_of(X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  if (size <= 0) return {};
  std::string bytes(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return bytes;
}

X509Ptr certificate_of(std::string_view der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  return X509Ptr(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
}

std::int64_t seconds_of(const ASN1_TIME* time) {
  std::tm parts{};
  return ASN1_TIME_to_tm(time, &parts) == 1 ? timegm(&parts) : 0;
}

std::string subject_of(const X509* certificate) {
  const BioPtr out(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(out.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  return std::string(written(out.get()));
}

Result<Secret> pem_of(EVP_PKEY* key) {
  const BioPtr out(BIO_new(BIO_s_secmem()));
  if (out == nullptr ||
      PEM_write_bio_PKCS8PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return Error(ErrorCode::kInternal, "cannot write a private key");
  }
  return Secret(written(out.get()));
}

Result<CertificateParts> parts_of(EVP_PKEY* key, X509* leaf) {
  CertificateParts parts;
  KF_ASSIGN(parts.private_key_pem, pem_of(key));
  parts.leaf_der = der_of(leaf);
  parts.subject = subject_of(leaf);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (X509_digest(leaf, EVP_sha1(), digest, &size) == 1)
    parts.sha1.assign(reinterpret_cast<char*>(digest), size);
  parts.not_before = seconds_of(X509_get0_notBefore(leaf));
  parts.not_after = seconds_of(X509_get0_notAfter(leaf));
  return parts;
}

}  // namespace

Result<CertificateParts> read_pfx(const Secret& pfx, const Secret& password) {
  const auto* at = reinterpret_cast<const unsigned char*>(pfx.expose().data());
  const PfxPtr file(d2i_PKCS12(nullptr, &at, static_cast<long>(pfx.size())));
  Secret phrase = password.copy();
  phrase.append({"\0", 1});
  EVP_PKEY* raw_key = nullptr;
  X509* raw_leaf = nullptr;
  STACK_OF(X509)* raw_others = nullptr;
  if (file == nullptr ||
      PKCS12_parse(file.get(), phrase.expose().data(), &raw_key, &raw_leaf, &raw_others) != 1) {
    return unreadable("not a PKCS#12 file, or not its password");
  }
  const EvpKeyPtr key(raw_key);
  const X509Ptr leaf(raw_leaf);
  const StackPtr others(raw_others);
  if (key == nullptr || leaf == nullptr) {
    return unreadable("no private key with its certificate in the PKCS#12 file");
  }
  KF_ASSIGN(CertificateParts parts, parts_of(key.get(), leaf.get()));
  for (int i = 0; i < sk_X509_num(others.get()); ++i)
    parts.chain_der.push_back(der_of(sk_X509_value(others.get(), i)));
  return parts;
}

Result<CertificateParts> read_pem_parts(const Secret& pem) {
  const EvpKeyPtr key(
      PEM_read_bio_PrivateKey(reading(pem.expose()).get(), nullptr, no_pass_phrase, nullptr));
  if (key == nullptr) return unreadable("no private key in the PEM text");
  const BioPtr bio = reading(pem.expose());
  X509Ptr leaf;
  std::vector<std::string> others;
  while (X509Ptr each{PEM_read_bio_X509(bio.get(), nullptr, no_pass_phrase, nullptr)}) {
    if (leaf == nullptr && X509_check_private_key(each.get(), key.get()) == 1) {
      leaf = std::move(each);
    } else {
      others.push_back(der_of(each.get()));
    }
  }
  if (leaf == nullptr) return unreadable("no certificate of the private key in the PEM text");
  KF_ASSIGN(CertificateParts parts, parts_of(key.get(), leaf.get()));
  parts.chain_der = std::move(others);
  return parts;
}

Result<CertificateParts> make_self_signed(const SelfSigned& wish) {
  KF_ASSIGN(const Secret pem, make_private_key(wish.kind));
  const EvpKeyPtr key(
      PEM_read_bio_PrivateKey(reading(pem.expose()).get(), nullptr, no_pass_phrase, nullptr));
  const X509Ptr certificate(X509_new());
  if (key == nullptr || certificate == nullptr) return unreadable("cannot make a certificate");
  X509_NAME* name = X509_get_subject_name(certificate.get());
  const auto* text = reinterpret_cast<const unsigned char*>(wish.common_name.data());
  const Secret serial = random_bytes(8);
  std::uint64_t number = 1;
  std::memcpy(&number, serial.expose().data(), sizeof number);
  const bool made =
      X509_set_version(certificate.get(), X509_VERSION_3) == 1 &&
      ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), number >> 1) == 1 &&
      X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text,
                                 static_cast<int>(wish.common_name.size()), -1, 0) == 1 &&
      X509_set_issuer_name(certificate.get(), name) == 1 &&
      ASN1_TIME_set(X509_getm_notBefore(certificate.get()), wish.not_before) != nullptr &&
      ASN1_TIME_set(X509_getm_notAfter(certificate.get()), wish.not_after) != nullptr &&
      X509_set_pubkey(certificate.get(), key.get()) == 1 &&
      X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0;
  if (!made) return unreadable("cannot make a certificate of that name");
  return parts_of(key.get(), certificate.get());
}

Secret write_pem(const CertificateParts& parts) {
  const BioPtr out(BIO_new(BIO_s_mem()));
  std::vector<std::string> all{parts.leaf_der};
  all.insert(all.end(), parts.chain_der.begin(), parts.chain_der.end());
  for (const std::string& der : all) PEM_write_bio_X509(out.get(), certificate_of(der).get());
  Secret pem = parts.private_key_pem.copy();
  pem.append(written(out.get()));
  return pem;
}

Result<Secret> write_pfx(const CertificateParts& parts) {
  const EvpKeyPtr key(PEM_read_bio_PrivateKey(reading(parts.private_key_pem.expose()).get(),
                                              nullptr, no_pass_phrase, nullptr));
  const X509Ptr leaf = certificate_of(parts.leaf_der);
  const StackPtr others(sk_X509_new_null());
  for (const std::string& der : parts.chain_der)
    sk_X509_push(others.get(), certificate_of(der).release());
  const PfxPtr file(PKCS12_create("", nullptr, key.get(), leaf.get(), others.get(), 0, 0, 0, 0, 0));
  const BioPtr out(BIO_new(BIO_s_secmem()));
  if (file == nullptr || out == nullptr || i2d_PKCS12_bio(out.get(), file.get()) != 1)
    return Error(ErrorCode::kInternal, "cannot write a PKCS#12 file");
  return Secret(written(out.get()));
}

}  // namespace keyferry
