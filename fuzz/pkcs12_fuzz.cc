// A PFX as a vault stores it, and PEM texts: what is read of them, and the chain of it.
#include <algorithm>

#include "formats/pem.h"
#include "fuzz/promise.h"
#include "net/certificate_chain.h"
#include "net/pkcs12.h"

namespace keyferry::fuzz {
namespace {

void check_chain(const std::vector<std::string>& certificates) {
  const auto chain = chain_of(certificates);
  if (!chain.ok()) return;
  promise(std::is_permutation(chain->certificates.begin(), chain->certificates.end(),
                              certificates.begin(), certificates.end()),
          "a chain has the certificates it is made of");
  promise(chain->links == ChainLinks::kWhole || chain->certificates == certificates,
          "without all links the order stays");
  const auto again = chain_of(chain->certificates);
  promise(again.ok() && again->certificates == chain->certificates, "a chain stays as it is");
}

void check_pfx(const Secret& file) {
  const auto contents = read_pkcs12(file);
  if (!contents.ok()) {
    promise(!contents.error().message().empty(), "what is no PFX says so");
    return;
  }
  for (const Secret& key : contents->keys) promise(!key.empty(), "a key has bytes");
  check_chain(contents->certificates);
}

void check_pem(std::string_view text) {
  Secret written;
  const auto blocks = parse_pem(text);
  for (const PemBlock& block : blocks) {
    written.append(to_pem(block.label, block.bytes.expose()).expose());
  }
  const auto again = parse_pem(written.expose());
  promise(again.size() == blocks.size(), "every block is written and read again");
  std::vector<std::string> certificates;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    promise(again[i].label == blocks[i].label && again[i].bytes == blocks[i].bytes,
            "a block stays what it is");
    if (blocks[i].label == kCertificateLabel) {
      certificates.emplace_back(blocks[i].bytes.expose());
    }
  }
  check_chain(certificates);
}

void check(std::string_view bytes) {
  check_pfx(Secret(bytes));
  check_pem(bytes);
}

}  // namespace
}  // namespace keyferry::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  keyferry::fuzz::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
