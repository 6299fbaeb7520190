# build PRESET [TARGET...]: configures once, builds, and says which command failed. Source this file.

build() {
    local preset=$1
    shift
    local targets=()
    [ $# -eq 0 ] || targets=(--target "$@")
    if [ ! -f "build/$preset/build.ninja" ]; then
        echo "build: configuring preset $preset"
        cmake --preset "$preset" > /dev/null || { echo "build: 'cmake --preset $preset' failed" >&2; return 1; }
    fi
    echo "build: preset $preset, ${*:-everything}"
    cmake --build --preset "$preset" "${targets[@]}" ||
        { echo "build: 'cmake --build --preset $preset ${targets[*]}' failed" >&2; return 1; }
}
