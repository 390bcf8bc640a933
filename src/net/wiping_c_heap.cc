#include "net/wiping_c_heap.h"

#include <curl/curl.h>
#include <malloc.h>
#include <openssl/crypto.h>
#include <string.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>

namespace keyferry {

namespace {

void wipe_and_free(void* memory) {
  if (memory == nullptr) return;
  explicit_bzero(memory, malloc_usable_size(memory));
  std::free(memory);
}

void* wiping_realloc(void* memory, std::size_t size) {
  if (memory == nullptr) return std::malloc(size);
  const std::size_t held = malloc_usable_size(memory);
  if (size <= held && size >= held / 2) return memory;
  void* grown = std::malloc(size);
  if (grown == nullptr) return nullptr;
  memcpy(grown, memory, std::min(held, size));
  wipe_and_free(memory);
  return grown;
}

void* ssl_malloc(std::size_t size, const char*, int) { return std::malloc(size); }
void* ssl_realloc(void* memory, std::size_t size, const char*, int) {
  if (size == 0) {
    wipe_and_free(memory);
    return nullptr;
  }
  return wiping_realloc(memory, size);
}
void ssl_free(void* memory, const char*, int) { wipe_and_free(memory); }

char* duplicate(const char* text) { return strdup(text); }
void* zeroed(std::size_t count, std::size_t size) { return std::calloc(count, size); }

}  // namespace

void set_up_c_libraries() {
  static std::once_flag once;
  std::call_once(once, [] {
    // Refused when OpenSSL has allocated already; then its own cleansing of key material remains.
    CRYPTO_set_mem_functions(ssl_malloc, ssl_realloc, ssl_free);
    curl_global_init_mem(CURL_GLOBAL_DEFAULT, std::malloc, wipe_and_free, wiping_realloc, duplicate,
                         zeroed);
  });
}

}  // namespace keyferry
