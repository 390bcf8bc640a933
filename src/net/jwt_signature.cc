#include "net/jwt_signature.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>

namespace keyferry {
namespace {

template <auto Free>
struct FreeWith {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using BioPtr = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
using DigestPtr = std::unique_ptr<EVP_MD_CTX, FreeWith<EVP_MD_CTX_free>>;
using SignaturePtr = std::unique_ptr<ECDSA_SIG, FreeWith<ECDSA_SIG_free>>;

constexpr int kP256Bytes = 32;
constexpr std::size_t kSignatureBytes = 64;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

BioPtr reading(std::string_view pem) {
  return BioPtr(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

std::string_view written(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

Error internal(const char* what) { return {ErrorCode::kInternal, what}; }

// Without a callback OpenSSL asks for a pass phrase on the terminal.
int no_pass_phrase(char*, int, int, void*) { return -1; }

Result<KeyPtr> private_key(const Secret& pem) {
  KeyPtr key(
      PEM_read_bio_PrivateKey(reading(pem.expose()).get(), nullptr, no_pass_phrase, nullptr));
  if (key == nullptr) {
    return Error(ErrorCode::kInvalidArgument, "not a private key in PEM without pass phrase");
  }
  return key;
}

// The DER form OpenSSL works with and the raw r||s form of JWT.
Result<std::string> raw_of_der(std::string_view der) {
  const unsigned char* at = bytes_of(der);
  const SignaturePtr pair(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  std::string raw(kSignatureBytes, '\0');
  auto* out = reinterpret_cast<unsigned char*>(raw.data());
  if (pair == nullptr || BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), out, kP256Bytes) < 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), out + kP256Bytes, kP256Bytes) < 0) {
    return Error(ErrorCode::kInvalidArgument, "not a P-256 key");
  }
  return raw;
}

std::string der_of_raw(std::string_view raw) {
  if (raw.size() != kSignatureBytes) return {};
  const SignaturePtr pair(ECDSA_SIG_new());
  if (pair == nullptr) return {};
  ECDSA_SIG_set0(pair.get(), BN_bin2bn(bytes_of(raw), kP256Bytes, nullptr),
                 BN_bin2bn(bytes_of(raw) + kP256Bytes, kP256Bytes, nullptr));
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &der);
  if (size <= 0) return {};
  std::string text(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return text;
}

}  // namespace

Result<Secret> make_p256_key() {
  const KeyPtr key(EVP_EC_gen("P-256"));
  const BioPtr out(BIO_new(BIO_s_secmem()));
  if (key == nullptr || out == nullptr ||
      PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) !=
          1) {
    return internal("cannot make a P-256 key");
  }
  return Secret(written(out.get()));
}

Result<std::string> public_key_of(const Secret& private_key_pem) {
  KF_ASSIGN(const KeyPtr key, private_key(private_key_pem));
  const BioPtr out(BIO_new(BIO_s_mem()));
  if (out == nullptr || PEM_write_bio_PUBKEY(out.get(), key.get()) != 1) {
    return internal("cannot write a public key");
  }
  return std::string(written(out.get()));
}

Result<std::string> sign_es256(std::string_view text, const Secret& private_key_pem) {
  KF_ASSIGN(const KeyPtr key, private_key(private_key_pem));
  if (EVP_PKEY_is_a(key.get(), "EC") != 1) {
    return Error(ErrorCode::kInvalidArgument, "not a P-256 key");
  }
  const DigestPtr digest(EVP_MD_CTX_new());
  std::size_t size = 0;
  if (digest == nullptr ||
      EVP_DigestSignInit(digest.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
      EVP_DigestSign(digest.get(), nullptr, &size, bytes_of(text), text.size()) != 1) {
    return internal("cannot sign");
  }
  std::string der(size, '\0');
  if (EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char*>(der.data()), &size,
                     bytes_of(text), text.size()) != 1) {
    return internal("cannot sign");
  }
  return raw_of_der(std::string_view(der).substr(0, size));
}

Status verify_signature(JwtAlgorithm algorithm, std::string_view text, std::string_view signature,
                        std::string_view public_key_pem) {
  const KeyPtr key(
      PEM_read_bio_PUBKEY(reading(public_key_pem).get(), nullptr, no_pass_phrase, nullptr));
  const char* kind = algorithm == JwtAlgorithm::kEs256 ? "EC" : "RSA";
  if (key == nullptr || EVP_PKEY_is_a(key.get(), kind) != 1) {
    return Error(ErrorCode::kInvalidArgument,
                 std::string("not a public key in PEM of kind ") + kind);
  }
  const std::string checked =
      algorithm == JwtAlgorithm::kEs256 ? der_of_raw(signature) : std::string(signature);
  const DigestPtr digest(EVP_MD_CTX_new());
  if (digest == nullptr ||
      EVP_DigestVerifyInit(digest.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
      EVP_DigestVerify(digest.get(), bytes_of(checked), checked.size(), bytes_of(text),
                       text.size()) != 1) {
    return Error(ErrorCode::kUnauthenticated, "signature does not match");
  }
  return {};
}

}  // namespace keyferry
