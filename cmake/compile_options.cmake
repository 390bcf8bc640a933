# Warnings, sanitizers and hardening, for every target of the tree.
set(KEYFERRY_SANITIZE "" CACHE STRING "value of -fsanitize=, empty for none")
option(KEYFERRY_TESTS "build the tests" OFF)
option(KEYFERRY_BENCH "build the benchmarks" OFF)
option(KEYFERRY_FUZZ "build the fuzz targets" OFF)

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror=return-type)
add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wold-style-cast>
                    $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>)
add_compile_definitions(KEYFERRY_VERSION="${PROJECT_VERSION}")

if(KEYFERRY_SANITIZE)
  add_compile_options(-fsanitize=${KEYFERRY_SANITIZE} -fno-omit-frame-pointer -g1 -O1)
  add_link_options(-fsanitize=${KEYFERRY_SANITIZE})
  if(KEYFERRY_SANITIZE MATCHES undefined)
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
endif()
if(KEYFERRY_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_options(-fstack-protector-strong -fstack-clash-protection -fcf-protection
                      -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -D_GLIBCXX_ASSERTIONS
                      -ffunction-sections -fdata-sections)
  add_link_options(-pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--gc-sections -Wl,--as-needed -s)
endif()
