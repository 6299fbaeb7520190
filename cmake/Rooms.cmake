# ykt_room(NAME LINKS ... PRIVATE ...): one library from all sources in the room's folder, target ykt::NAME.
function(ykt_room name)
    cmake_parse_arguments(arg "" "" "LINKS;PRIVATE" ${ARGN})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${name}/*.cpp)
    list(FILTER sources EXCLUDE REGEX "/main\\.cpp$|_main\\.cpp$")
    if(sources)
        add_library(ykt_${name} STATIC ${sources})
        target_link_libraries(ykt_${name} PUBLIC ykt_compile ${arg_LINKS} PRIVATE ${arg_PRIVATE})
    else()
        add_library(ykt_${name} INTERFACE) # headers only
        target_link_libraries(ykt_${name} INTERFACE ykt_compile ${arg_LINKS})
    endif()
    add_library(ykt::${name} ALIAS ykt_${name})
endfunction()

# ykt_program(NAME SOURCES... LINKS ...)
function(ykt_program name)
    cmake_parse_arguments(arg "" "" "LINKS" ${ARGN})
    add_executable(${name} ${arg_UNPARSED_ARGUMENTS})
    target_link_libraries(${name} PRIVATE ykt_compile ${arg_LINKS})
endfunction()

# ykt_test(NAME LINKS ... [WITHIN script]): all of tests/NAME/*.cpp as one Catch2 program and one CTest test,
# which the script runs in surroundings that it makes; it exits 77 where it cannot make them.
function(ykt_test name)
    cmake_parse_arguments(arg "" "WITHIN" "LINKS" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${name}/*.cpp)
    if(NOT sources)
        return()
    endif()
    add_executable(test_${name} ${sources})
    target_link_libraries(test_${name} PRIVATE ykt_compile ykt_test_main ${arg_LINKS})
    # Tests are read more often by the compiler than by the processor: Catch2's macros optimise slowly.
    target_compile_options(test_${name} PRIVATE $<$<CONFIG:Debug>:-O0>)
    add_test(NAME ${name} COMMAND ${arg_WITHIN} $<TARGET_FILE:test_${name}>)
    set_tests_properties(${name} PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77)
endfunction()

# ykt_optimise(NAME FOLDER): the room's sources in the folder are optimised whatever the preset: work on pixels is
# slower by an order of magnitude without, and tests do much of it.
function(ykt_optimise name folder)
    get_target_property(sources ykt_${name} SOURCES)
    list(FILTER sources INCLUDE REGEX "^${CMAKE_SOURCE_DIR}/${folder}/")
    set_source_files_properties(${sources} PROPERTIES COMPILE_OPTIONS -O3)
endfunction()
