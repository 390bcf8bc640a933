#include "net/pkcs12.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>

#include <cstdint>
#include <optional>

#include "base/strings.h"
#include "net/openssl_pointers.h"

namespace keyferry {

namespace {

void free_bags(STACK_OF(PKCS12_SAFEBAG) * bags) {
  sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
}
void free_safes(STACK_OF(PKCS7) * safes) { sk_PKCS7_pop_free(safes, PKCS7_free); }

using FilePtr = OpensslPtr<PKCS12, PKCS12_free>;
using BagsPtr = OpensslPtr<STACK_OF(PKCS12_SAFEBAG), free_bags>;
using SafesPtr = OpensslPtr<STACK_OF(PKCS7), free_safes>;
using KeyInfoPtr = OpensslPtr<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>;

// A library context of its own, so that nothing else in the program gets old ciphers.
struct OldCiphers {
  OSSL_LIB_CTX* context = OSSL_LIB_CTX_new();
  bool has_legacy = OSSL_PROVIDER_load(context, "legacy") != nullptr;
  bool has_default = OSSL_PROVIDER_load(context, "default") != nullptr;
};
const OldCiphers& old_ciphers() {
  static const OldCiphers ciphers;
  return ciphers;
}

// An empty password is written down in two ways: as nothing, and as an empty text.
struct Password {
  const char* text = nullptr;
  int size = 0;
};

// Of a key from its password, and of all keys of a file together. More would keep a fetch busy for
// longer than anybody waits.
constexpr std::int64_t kMostRounds = 1'000'000;
constexpr std::int64_t kMostRoundsOfAFile = 3'000'000;

using Pbes1Ptr = OpensslPtr<PBEPARAM, PBEPARAM_free>;
using Pbes2Ptr = OpensslPtr<PBE2PARAM, PBE2PARAM_free>;
using Pbkdf2Ptr = OpensslPtr<PBKDF2PARAM, PBKDF2PARAM_free>;

// Nothing for a number that is none.
std::optional<std::int64_t> rounds_of(const ASN1_INTEGER* number) {
  std::int64_t rounds = 1;  // where it is absent
  if (number != nullptr && ASN1_INTEGER_get_int64(&rounds, number) != 1) return std::nullopt;
  return rounds >= 0 ? std::optional(rounds) : std::nullopt;
}

// What it takes to make the key of a part. Nothing where that cannot be told: of a function other
// than PBKDF2, such as scrypt, which takes memory too.
std::optional<std::int64_t> rounds_of(const X509_ALGOR* algorithm) {
  const ASN1_OBJECT* kind = nullptr;
  X509_ALGOR_get0(&kind, nullptr, nullptr, algorithm);
  if (OBJ_obj2nid(kind) != NID_pbes2) {
    const Pbes1Ptr old(static_cast<PBEPARAM*>(
        ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBEPARAM), algorithm->parameter)));
    return rounds_of(old == nullptr ? nullptr : old->iter);
  }
  const Pbes2Ptr modern(static_cast<PBE2PARAM*>(
      ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), algorithm->parameter)));
  if (modern == nullptr) return 0;  // it fails by itself
  if (OBJ_obj2nid(modern->keyfunc->algorithm) != NID_id_pbkdf2) return std::nullopt;
  const Pbkdf2Ptr function(static_cast<PBKDF2PARAM*>(
      ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBKDF2PARAM), modern->keyfunc->parameter)));
  return rounds_of(function == nullptr ? nullptr : function->iter);
}

// How many rounds may still be spent on one file.
class RoundsBudget {
 public:
  // Whether there are so many left.
  bool spend(std::optional<std::int64_t> rounds) {
    if (!rounds || *rounds > kMostRounds || *rounds > left_) return false;
    left_ -= *rounds;
    return true;
  }

 private:
  std::int64_t left_ = kMostRoundsOfAFile;
};

Error broken(const char* what) {
  ERR_clear_error();
  return {ErrorCode::kInvalidArgument, what};
}

Error takes_too_long() {
  return broken(
      "wants more than 1000000 rounds, or an unknown function, to make keys of a password");
}

// Bags that nest deeper are an attack.
constexpr int kDeepest = 8;

class BagReader {
 public:
  BagReader(const Password& password, RoundsBudget& budget)
      : password_(password), budget_(budget) {}

  Status read_file(const PKCS12& file) {
    const SafesPtr safes(PKCS12_unpack_authsafes(&file));
    if (safes == nullptr) return broken("is no PKCS#12 file");
    for (int i = 0; i < sk_PKCS7_num(safes.get()); ++i) {
      if (!can_pay_for(sk_PKCS7_value(safes.get(), i))) return takes_too_long();
    }
    for (int i = 0; i < sk_PKCS7_num(safes.get()); ++i) {
      KF_TRY(read_safe(sk_PKCS7_value(safes.get(), i)));
    }
    return {};
  }
  Pkcs12Contents take() { return std::move(contents_); }

 private:
  // All parts are paid for before the first is decrypted.
  bool can_pay_for(const PKCS7* safe) {
    if (OBJ_obj2nid(safe->type) != NID_pkcs7_encrypted) return true;
    return safe->d.encrypted != nullptr &&
           budget_.spend(rounds_of(safe->d.encrypted->enc_data->algorithm));
  }

  Status read_safe(PKCS7* safe) {
    const int kind = OBJ_obj2nid(safe->type);
    if (kind == NID_pkcs7_data) {
      const BagsPtr bags(PKCS12_unpack_p7data(safe));
      return bags == nullptr ? broken("holds a part that is no list of bags")
                             : read_bags(*bags, kDeepest);
    }
    if (kind != NID_pkcs7_encrypted) return {};  // for somebody's public key: not for us
    const BagsPtr bags(PKCS12_unpack_p7encdata(safe, password_.text, password_.size));
    if (bags != nullptr) return read_bags(*bags, kDeepest);
    return cannot_decrypt();
  }

  Status read_bags(const STACK_OF(PKCS12_SAFEBAG) & bags, int depth) {
    for (int i = 0; i < sk_PKCS12_SAFEBAG_num(&bags); ++i) {
      KF_TRY(read_bag(sk_PKCS12_SAFEBAG_value(&bags, i), depth));
    }
    return {};
  }

  Status read_bag(const PKCS12_SAFEBAG* bag, int depth) {
    switch (PKCS12_SAFEBAG_get_nid(bag)) {
      case NID_keyBag:
        return add_key(PKCS12_SAFEBAG_get0_p8inf(bag));
      case NID_pkcs8ShroudedKeyBag: {
        const X509_ALGOR* algorithm = nullptr;
        X509_SIG_get0(PKCS12_SAFEBAG_get0_pkcs8(bag), &algorithm, nullptr);
        if (!budget_.spend(rounds_of(algorithm))) return takes_too_long();
        const KeyInfoPtr key(PKCS12_decrypt_skey_ex(bag, password_.text, password_.size,
                                                    old_ciphers().context, nullptr));
        return key == nullptr ? cannot_decrypt() : add_key(key.get());
      }
      case NID_certBag: {
        const X509Ptr certificate(PKCS12_SAFEBAG_get1_cert(bag));
        if (certificate == nullptr) return broken("holds a certificate that is none");
        contents_.certificates.emplace_back(der_of(certificate.get(), i2d_X509).expose());
        return {};
      }
      case NID_safeContentsBag: {
        const STACK_OF(PKCS12_SAFEBAG)* inner = PKCS12_SAFEBAG_get0_safes(bag);
        if (inner == nullptr || depth == 0) return broken("holds bags in bags without end");
        return read_bags(*inner, depth - 1);
      }
      default:
        return {};  // revocation lists and secrets are no part of a certificate
    }
  }

  // Written anew, so that attributes and other ways of writing the same key are gone.
  Status add_key(const PKCS8_PRIV_KEY_INFO* info) {
    const EvpKeyPtr key(EVP_PKCS82PKEY_ex(info, old_ciphers().context, nullptr));
    if (key == nullptr) return broken("holds a private key of no known kind");
    if (EVP_PKEY_is_a(key.get(), "EC") == 1) {
      EVP_PKEY_set_int_param(key.get(), OSSL_PKEY_PARAM_EC_INCLUDE_PUBLIC, 1);
    }
    const KeyInfoPtr plain(EVP_PKEY2PKCS8(key.get()));
    if (plain == nullptr) return broken("holds a private key that cannot be written");
    contents_.keys.push_back(der_of(plain.get(), i2d_PKCS8_PRIV_KEY_INFO));
    return {};
  }

  static Status cannot_decrypt() {
    ERR_clear_error();
    if (old_ciphers().has_legacy) {
      return Error(ErrorCode::kInvalidArgument, "cannot be decrypted with an empty password");
    }
    return Error(ErrorCode::kUnimplemented,
                 "uses a cipher that OpenSSL lacks here; install its legacy provider "
                 "(ossl-modules/legacy.so)");
  }

  const Password password_;
  RoundsBudget& budget_;
  Pkcs12Contents contents_;
};

// Which way of writing an empty password fits; nothing where none does.
std::optional<Password> password_of(PKCS12* file) {
  constexpr Password kEmptyOnes[] = {{nullptr, 0}, {"", 0}};
  for (const Password& password : kEmptyOnes) {
    if (PKCS12_verify_mac(file, password.text, password.size) == 1) return password;
  }
  ERR_clear_error();
  return std::nullopt;
}

Result<Pkcs12Contents> read_with(const PKCS12& file, const Password& password,
                                 RoundsBudget& budget) {
  BagReader reader(password, budget);
  KF_TRY(reader.read_file(file));
  return reader.take();
}

}  // namespace

Result<Pkcs12Contents> read_pkcs12(const Secret& bytes) {
  PKCS12* made = PKCS12_init_ex(NID_pkcs7_data, old_ciphers().context, nullptr);
  const unsigned char* at = openssl_bytes(bytes.expose());
  const bool good = d2i_PKCS12(&made, &at, static_cast<long>(bytes.size())) != nullptr;
  const FilePtr file(good ? made : nullptr);
  if (file == nullptr) return broken("is no PKCS#12 file");
  RoundsBudget budget;
  if (PKCS12_mac_present(file.get()) == 1) {
    const ASN1_INTEGER* rounds = nullptr;
    PKCS12_get0_mac(nullptr, nullptr, nullptr, &rounds, file.get());
    if (!budget.spend(rounds_of(rounds))) return takes_too_long();
    const auto password = password_of(file.get());
    if (!password) return broken("is damaged, or has a password");
    return read_with(*file, *password, budget);
  }
  auto contents = read_with(*file, {"", 0}, budget);
  return contents.ok() ? std::move(contents) : read_with(*file, {nullptr, 0}, budget);
}

}  // namespace keyferry
