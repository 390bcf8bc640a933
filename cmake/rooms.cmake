# keyferry_room(NAME [ROOMS room...] [LIBS target...] [TEST_ROOMS room...] [TEST_LIBS target...])
#
# One library kf_NAME from every *.cc below the folder; *_test.cc and *_fake.cc stay out of it.
# ROOMS are the only other rooms whose headers it may include. With KEYFERRY_TESTS, NAME_test is
# built from *_test.cc and *_fake.cc and registered with CTest under the label "unit".
function(keyferry_room NAME)
  cmake_parse_arguments(ARG "" "" "ROOMS;LIBS;TEST_ROOMS;TEST_LIBS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  list(FILTER sources EXCLUDE REGEX "/(wiping_heap)/")
  set(test_sources ${sources})
  list(FILTER sources EXCLUDE REGEX "_(test|fake)\\.cc$")
  list(FILTER test_sources INCLUDE REGEX "_(test|fake)\\.cc$")
  list(TRANSFORM ARG_ROOMS PREPEND kf_ OUTPUT_VARIABLE rooms)
  list(TRANSFORM ARG_TEST_ROOMS PREPEND kf_ OUTPUT_VARIABLE test_rooms)

  if(sources)
    add_library(kf_${NAME} STATIC ${sources})
    target_include_directories(kf_${NAME} PUBLIC ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(kf_${NAME} PUBLIC ${rooms} PRIVATE ${ARG_LIBS})
  else()
    add_library(kf_${NAME} INTERFACE)
    target_include_directories(kf_${NAME} INTERFACE ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(kf_${NAME} INTERFACE ${rooms} ${ARG_LIBS})
  endif()

  if(KEYFERRY_TESTS AND test_sources)
    add_executable(${NAME}_test ${test_sources})
    target_link_libraries(${NAME}_test PRIVATE kf_${NAME} ${test_rooms} ${ARG_LIBS} ${ARG_TEST_LIBS}
                                               GTest::gtest GTest::gmock GTest::gtest_main)
    target_compile_definitions(${NAME}_test PRIVATE
      KEYFERRY_TESTDATA="${CMAKE_CURRENT_SOURCE_DIR}/testdata" KEYFERRY_SOURCE="${CMAKE_SOURCE_DIR}")
    add_test(NAME ${NAME} COMMAND ${NAME}_test --gtest_brief=1)
    set_tests_properties(${NAME} PROPERTIES LABELS unit TIMEOUT 120)
  endif()
endfunction()
