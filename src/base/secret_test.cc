// What a Secret promises: wiped before its memory goes back, never printable, never copied by
// accident. To see the wiping, this test program looks at every block on its way to the heap.
#include "base/secret.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <atomic>
#include <concepts>
#include <cstdlib>
#include <new>
#include <sstream>

#include "base/log.h"

namespace {

constexpr std::string_view kValue = "correct horse battery staple, at least thirty-two bytes";

std::atomic<bool> watching = false;
std::atomic<int> blocks_with_value = 0;
std::atomic<int> blocks_freed = 0;

void inspect_and_free(void* memory) noexcept {
  if (memory != nullptr && watching) {
    const std::string_view block(static_cast<const char*>(memory), malloc_usable_size(memory));
    ++blocks_freed;
    if (block.find(kValue) != std::string_view::npos) ++blocks_with_value;
  }
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) {
  void* memory = std::calloc(1, size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept { inspect_and_free(memory); }
void operator delete(void* memory, std::size_t) noexcept { inspect_and_free(memory); }

namespace keyferry {
namespace {

// How many blocks went back to the heap with the value still in them; -1: none went back at all.
template <class Action>
int seen_while(const Action& action) {
  blocks_with_value = 0;
  blocks_freed = 0;
  watching = true;
  action();
  watching = false;
  return blocks_freed == 0 ? -1 : blocks_with_value.load();
}

TEST(SecretWiping, TheInstrumentSeesWhatAnOrdinaryStringLeavesBehind) {
  EXPECT_EQ(seen_while([] { const std::string text(kValue); }), 1);
}

TEST(SecretWiping, NothingIsLeftWhenASecretEnds) {
  EXPECT_EQ(seen_while([] { const Secret secret{kValue}; }), 0);
}

TEST(SecretWiping, NothingIsLeftInTheSmallerBlockASecretGrewOutOf) {
  EXPECT_EQ(seen_while([] {
              Secret secret{kValue};
              for (int i = 0; i < 100; ++i) secret.append(kValue);
            }),
            0);
}

TEST(SecretWiping, NothingIsLeftOfAValueThatIsReplaced) {
  Secret secret{kValue};
  EXPECT_EQ(seen_while([&] { secret = Secret("new"); }), 0);
  EXPECT_EQ(secret.expose(), "new");
}

TEST(SecretWiping, NothingIsLeftOfACopy) {
  const Secret secret{kValue};
  EXPECT_EQ(seen_while([&] { EXPECT_EQ(secret.copy().expose(), kValue); }), 0);
}

TEST(SecretWiping, TakingOverAStringWipesItWhereItWas) {
  std::string text(kValue);
  const char* place = text.data();
  const Secret secret = Secret::take(text);
  EXPECT_EQ(secret.expose(), kValue);
  EXPECT_TRUE(text.empty());
  EXPECT_EQ(std::string_view(place, 4), std::string_view("\0\0\0\0", 4)) << "still its own memory";
  EXPECT_EQ(seen_while([&] { std::string().swap(text); }), 0);
}

TEST(SecretWiping, ClearingWipesAtOnce) {
  Secret secret{kValue};
  const char* place = secret.expose().data();
  secret.clear();
  EXPECT_TRUE(secret.empty());
  EXPECT_EQ(secret.size(), 0U);
  // The block is still its own: looking at it is allowed.
  EXPECT_EQ(std::string_view(place, kValue.size()), std::string(kValue.size(), '\0'));
}

TEST(SecretWiping, TheAllocatorWipesWholeBlocksOfAnyType) {
  WipingAllocator<char32_t> allocator;
  EXPECT_EQ(seen_while([&] {
              char32_t* memory = allocator.allocate(64);
              kValue.copy(static_cast<char*>(static_cast<void*>(memory)), kValue.size());
              allocator.deallocate(memory, 64);
            }),
            0);
}

TEST(SecretWiping, WipingNothingIsAllowedToBeNull) {
  wipe(nullptr, 0);
  char bytes[] = "abc";
  wipe(bytes, 0);
  EXPECT_STREQ(bytes, "abc");
  wipe(bytes, 2);
  EXPECT_EQ(std::string_view(bytes, 3), std::string_view("\0\0c", 3));
}

// There is no way out but expose(); said to the compiler.
template <class T>
concept Printable = requires(std::ostream& out, const T& value) {
  out << value;
};
template <class T>
concept AddedToText = requires(std::string& text, const T& value) {
  text += value;
};

static_assert(!Printable<Secret> && Printable<std::string>);
static_assert(!AddedToText<Secret> && AddedToText<std::string>);
static_assert(!fmt::is_formattable<Secret>::value && fmt::is_formattable<std::string>::value);
static_assert(!std::is_convertible_v<Secret, std::string_view>);
static_assert(!std::is_convertible_v<Secret, std::string>);
static_assert(!std::is_constructible_v<std::string, const Secret&>);
static_assert(!std::is_constructible_v<std::string_view, const Secret&>);
static_assert(!std::is_constructible_v<log::Field, std::string_view, const Secret&>);
static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(std::is_nothrow_move_constructible_v<Secret>);
static_assert(std::is_nothrow_move_assignable_v<Secret>);
static_assert(!std::is_convertible_v<std::string_view, Secret>, "made on purpose only");

TEST(Secret, EqualityTellsEveryDifference) {
  struct {
    std::string_view a;
    std::string_view b;
    bool equal;
  } const cases[] = {
      {"", "", true},          {"", "a", false},        {"a", "a", true},
      {"a", "b", false},       {"abc", "abd", false},   {"abc", "bbc", false},
      {"abc", "abcd", false},  {"abcd", "abc", false},  {"\x80", "\x80", true},
      {"\x80", "\x00", false}, {"\xFF", "\x7F", false}, {{"a\0b", 3}, {"a\0c", 3}, false},
  };
  for (const auto& [a, b, equal] : cases) {
    EXPECT_EQ(Secret(a) == Secret(b), equal) << '"' << a << "\" and \"" << b << '"';
    EXPECT_EQ(Secret(b) == Secret(a), equal) << '"' << b << "\" and \"" << a << '"';
  }
}

TEST(Secret, BytesAreKeptAsTheyAreNulIncluded) {
  Secret secret(std::string_view("a\0b", 3));
  secret.append(std::string_view("\n\0", 2));
  EXPECT_EQ(secret.expose(), std::string_view("a\0b\n\0", 5));
  EXPECT_EQ(secret.size(), 5U);
}

TEST(Secret, AMovedSecretIsElsewhere) {
  Secret from{kValue};
  const char* place = from.expose().data();
  const Secret to = std::move(from);
  EXPECT_EQ(to.expose().data(), place) << "no second copy in memory";
}

}  // namespace
}  // namespace keyferry
