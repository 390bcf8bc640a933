#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace keyferry {

// Overwrites memory in a way the compiler does not remove.
void wipe(void* memory, std::size_t size);

// Frees what it hands out only after wiping it, also when a container outgrows its memory.
template <class T>
struct WipingAllocator {
  using value_type = T;
  WipingAllocator() = default;
  template <class U>
  WipingAllocator(const WipingAllocator<U>&) {}  // NOLINT(google-explicit-constructor)

  T* allocate(std::size_t count) { return std::allocator<T>().allocate(count); }
  void deallocate(T* memory, std::size_t count) {
    wipe(memory, count * sizeof(T));
    std::allocator<T>().deallocate(memory, count);
  }
  friend bool operator==(const WipingAllocator&, const WipingAllocator&) { return true; }
};

// Bytes that must not be seen: wiped when they end, not printable, not copied by accident.
// expose() is the one way out, so that `grep expose` lists every place that handles a value.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view bytes) : bytes_(bytes.begin(), bytes.end()) {}
  Secret(Secret&&) noexcept = default;
  Secret& operator=(Secret&&) noexcept = default;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() = default;

  // Takes the bytes over from ordinary memory and wipes them there.
  static Secret take(std::string& text);

  Secret copy() const { return Secret(expose()); }
  std::string_view expose() const { return {bytes_.data(), bytes_.size()}; }
  std::size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }

  void append(std::string_view bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  void reserve(std::size_t size) { bytes_.reserve(size); }
  void clear();

  // Takes the same time wherever the first difference lies; the length is not hidden.
  friend bool operator==(const Secret& a, const Secret& b);

 private:
  std::vector<char, WipingAllocator<char>> bytes_;
};

}  // namespace keyferry
