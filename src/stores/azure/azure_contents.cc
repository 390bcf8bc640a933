#include "stores/azure/azure_contents.h"

#include "base/encoding.h"
#include "base/log.h"
#include "base/strings.h"
#include "formats/pem.h"
#include "net/certificate_chain.h"
#include "net/pkcs12.h"

namespace keyferry::stores::azure {

namespace {

constexpr std::string_view kPemType = "application/x-pem-file";
constexpr std::string_view kPfxType = "application/x-pkcs12";

Result<std::vector<std::string>> ordered(std::vector<std::string> certificates,
                                         const ObjectSpec& object, const AzureConfig& config) {
  if (!config.order_chains) return certificates;
  KF_ASSIGN(CertificateChain chain, chain_of(certificates));
  if (chain.links == ChainLinks::kMissing) {
    log::warning("certificate chain is not whole, its order stays",
                 {{"vault", config.vault},
                  {"object", object.name},
                  {"certificates", chain.certificates.size()}});
  }
  return std::move(chain.certificates);
}

// Private keys first, then the certificates.
Result<Secret> pem_of_pfx(const ObjectSpec& object, const Bundle& bundle,
                          const AzureConfig& config) {
  KF_ASSIGN(const Secret file, base64_decode(bundle.value.expose()));
  KF_ASSIGN(Pkcs12Contents contents, read_pkcs12(file));
  KF_ASSIGN(const auto certificates, ordered(std::move(contents.certificates), object, config));
  Secret pem;
  for (const Secret& key : contents.keys) {
    pem.append(to_pem(kPrivateKeyLabel, key.expose()).expose());
  }
  for (const std::string& certificate : certificates) {
    pem.append(to_pem(kCertificateLabel, certificate).expose());
  }
  return pem;
}

Result<Secret> text_of(const ObjectSpec& object, const Bundle& bundle, const AzureConfig& config) {
  if (!bundle.of_certificate || bundle.content_type == kPemType) return bundle.value.copy();
  if (bundle.content_type != kPfxType) {
    return Error(ErrorCode::kInvalidArgument,
                 cat("the certificate's content type is '", bundle.content_type, "', neither ",
                     kPemType, " nor ", kPfxType, "; correct the certificate's policy"));
  }
  if (object.format == Format::kPfx) return bundle.value.copy();
  return pem_of_pfx(object, bundle, config)
      .with_context("the certificate's PFX")
      .with_remedy("import it without password, or write objectFormat: pfx");
}

Result<Secret> decoded(const Secret& text, Encoding encoding) {
  switch (encoding) {
    case Encoding::kUtf8:
      return text.copy();
    case Encoding::kBase64:
      return base64_decode(text.expose())
          .with_remedy("correct objectEncoding, or store the value in base64");
    case Encoding::kHex:
      return hex_decode(text.expose())
          .with_remedy("correct objectEncoding, or store the value in hex");
  }
  return text.copy();
}

// The blocks of a PEM text that are certificates, or those that are not.
enum class Blocks { kCertificates, kOthers };
Secret blocks_of(std::string_view pem, Blocks wanted) {
  Secret text;
  for (const PemBlock& block : parse_pem(pem)) {
    const bool is_certificate = block.label == kCertificateLabel;
    if (is_certificate != (wanted == Blocks::kCertificates)) continue;
    text.append(to_pem(block.label, block.bytes.expose()).expose());
  }
  return text;
}

}  // namespace

Result<Contents> contents_of(const ObjectSpec& object, const Bundle& bundle,
                             const AzureConfig& config) {
  const auto context = [&](auto result) { return std::move(result).with_context(object.name); };
  KF_ASSIGN(const Secret text, context(text_of(object, bundle, config)));
  Contents contents;
  KF_ASSIGN(contents.whole, context(decoded(text, object.encoding)));
  if (!config.separate_files || !bundle.of_certificate) return contents;
  KF_ASSIGN(contents.certificates,
            context(decoded(blocks_of(text.expose(), Blocks::kCertificates), object.encoding)));
  KF_ASSIGN(contents.key,
            context(decoded(blocks_of(text.expose(), Blocks::kOthers), object.encoding)));
  return contents;
}

}  // namespace keyferry::stores::azure
