# Packages of Debian's arm64, fetched with lists of their own and unpacked, so that nothing foreign is installed.
# Source this file from the project's root.

arm64_state=$PWD/build/arm64-packages

arm64_apt() {
    local tool=$1
    shift
    "$tool" -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User=root \
        -o Dir::State::Lists="$arm64_state/lists" -o Dir::Cache="$arm64_state/cache" "$@"
}

arm64_update() {
    mkdir -p "$arm64_state/lists/partial" "$arm64_state/cache/archives/partial"
    arm64_apt apt-get -qq update || { echo "arm64: 'apt-get update' for arm64 failed" >&2; return 1; }
}

# arm64_unpack FOLDER PACKAGE...: the folder is there when all of it is. Packages that these depend on are not taken.
arm64_unpack() {
    local folder=$1 debs
    shift
    [ ! -d "$folder" ] || return 0
    echo "arm64: fetching $*"
    debs=$(mktemp -d)
    (cd "$debs" && arm64_apt apt-get -qq download "$@") ||
        { echo "arm64: 'apt-get download $*' failed" >&2; rm -rf "$debs"; return 1; }
    rm -rf "$folder.part"
    for deb in "$debs"/*.deb; do dpkg-deb -x "$deb" "$folder.part"; done
    rm -rf "$debs"
    mv "$folder.part" "$folder"
}
