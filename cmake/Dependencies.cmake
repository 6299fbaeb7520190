# Kept libraries, all from Debian 12's packages; scripts/setup installs them.
find_package(PkgConfig REQUIRED)
find_package(OpenSSL 3 REQUIRED COMPONENTS Crypto SSL)
find_package(nlohmann_json REQUIRED)

function(ykt_dependency name)
    cmake_parse_arguments(arg "" "" "LIBRARIES;DEFINITIONS" ${ARGN})
    add_library(ykt_${name} INTERFACE)
    add_library(ykt::${name} ALIAS ykt_${name})
    foreach(library IN LISTS arg_LIBRARIES)
        find_library(YKT_LIB_${library} ${library} REQUIRED)
        target_link_libraries(ykt_${name} INTERFACE ${YKT_LIB_${library}})
    endforeach()
    target_compile_definitions(ykt_${name} INTERFACE ${arg_DEFINITIONS})
endfunction()

ykt_dependency(tl_expected)
ykt_dependency(mbedtls LIBRARIES mbedtls mbedx509 mbedcrypto)
ykt_dependency(sqlite LIBRARIES SQLiteCpp sqlite3)
ykt_dependency(zlib LIBRARIES z)
if(YKT_GUEST)
    ykt_dependency(tss2) # headers only: the guest has no TPM, and what would ask one is not linked in
    return()
endif()

find_package(ZXing REQUIRED)
find_package(PNG REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
ykt_dependency(tomlplusplus LIBRARIES tomlplusplus DEFINITIONS TOML_HEADER_ONLY=0 TOML_SHARED_LIB=1)
ykt_dependency(qrencode LIBRARIES qrencode)
ykt_dependency(turbojpeg LIBRARIES turbojpeg)
ykt_dependency(webp LIBRARIES webp)
ykt_dependency(mosquitto LIBRARIES mosquitto)
ykt_dependency(tss2 LIBRARIES tss2-esys tss2-mu tss2-tctildr tss2-rc)
# Without Boost's assertions, as in a release: Beast 1.74 asserts that behind the "0\r\n" of a last chunk two more bytes come
# at once, so that a server which sends one would end the terminal. It reads on rightly without.
ykt_dependency(beast DEFINITIONS BOOST_ASIO_NO_DEPRECATED BOOST_DISABLE_ASSERTS)

pkg_check_modules(pcsclite REQUIRED IMPORTED_TARGET libpcsclite)
add_library(ykt::pcsclite ALIAS PkgConfig::pcsclite)
pkg_check_modules(libpq REQUIRED IMPORTED_TARGET libpq)
add_library(ykt::libpq ALIAS PkgConfig::libpq)
