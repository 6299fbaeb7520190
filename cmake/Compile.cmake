# Warnings are errors; sanitizers by YKT_SANITIZE; hardening in Release.
find_package(Threads REQUIRED)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1 -fno-omit-frame-pointer")

add_library(ykt_compile INTERFACE)
target_compile_options(ykt_compile INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
target_include_directories(ykt_compile INTERFACE ${CMAKE_SOURCE_DIR})
target_link_libraries(ykt_compile INTERFACE Threads::Threads)

if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # Clang 14 takes the parameter of a friend for a shadow of the class's field; GCC judges shadows.
    target_compile_options(ykt_compile INTERFACE -Wno-shadow)
endif()

if(YKT_SANITIZE)
    target_compile_options(ykt_compile INTERFACE -fsanitize=${YKT_SANITIZE} -fno-sanitize-recover=all)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # GCC 12 warns falsely of maybe-uninitialized in its own <regex> (through Catch2) under sanitizers.
        target_compile_options(ykt_compile INTERFACE -Wno-maybe-uninitialized)
    endif()
    target_link_options(ykt_compile INTERFACE -fsanitize=${YKT_SANITIZE})
    if(YKT_SANITIZE STREQUAL "thread")
        target_compile_options(ykt_compile INTERFACE -Wno-tsan) # the fences of Boost.Asio, which TSan cannot see
    endif()
endif()

if(CMAKE_BUILD_TYPE STREQUAL "Release")
    set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
    target_compile_options(ykt_compile INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong
                                                 -fstack-clash-protection)
    target_link_options(ykt_compile INTERFACE -pie -Wl,-z,relro,-z,now,-z,noexecstack)
endif()
