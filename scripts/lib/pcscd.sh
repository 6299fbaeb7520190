# A pcscd of our own with a virtual reader of two slots, for tests and the demo. Source this file.
#
# pcscd's socket directory is compiled in and vpcd listens on fixed ports, so that a second pcscd would
# collide with the system's: pcscd_isolate gives the caller a mount and a network namespace of its own.
# All other functions work on the folder YKT_PCSCD_DIR: vpcd.conf, pcscd.pid, pcscd.log.

pcscd_program=/usr/sbin/pcscd
vpcd_library=${YKT_VPCD_LIBRARY:-/usr/lib/pcsc/drivers/serial/libifdvpcd.so}
pcscd_socket=/run/pcscd/pcscd.comm

# Says on stderr why a private pcscd is impossible here, and fails; silent where it is possible.
pcscd_possible() {
    local missing=""
    [ -x "$pcscd_program" ] || missing="$pcscd_program (package pcscd)"
    [ -e "$vpcd_library" ] || missing="$vpcd_library (package vsmartcard-vpcd)"
    command -v ip > /dev/null || missing="ip (package iproute2)"
    [ -z "$missing" ] || { echo "no private pcscd: $missing is missing" >&2; return 1; }
    pcscd_isolation_allowed || pcscd_place_free ||
        { echo "no private pcscd: namespaces are not allowed here, and the machine's own place is not free" >&2; return 1; }
}

pcscd_isolation_allowed() { pcscd_unshare true 2> /dev/null; }

# In a container that allows no namespaces: root may take the machine's own place when no pcscd is there.
pcscd_place_free() { [ "$(id -u)" = 0 ] && ! pgrep -x pcscd > /dev/null; }

pcscd_unshare() {
    if [ "$(id -u)" = 0 ]; then unshare -m -n "$@"; else unshare -r -m -n "$@"; fi
}

# pcscd_isolate COMMAND...: runs the command in namespaces of its own, with an empty /run/pcscd and loopback.
pcscd_isolate() {
    pcscd_unshare bash -c '
        set -e
        [ -d /run/pcscd ] || mkdir /run/pcscd 2> /dev/null || { mount -t tmpfs tmpfs /run; mkdir /run/pcscd; }
        mount -t tmpfs tmpfs /run/pcscd
        ip link set lo up
        exec "$@"' pcscd_isolate "$@"
}

pcscd_start() {
    mkdir -p "$YKT_PCSCD_DIR" /run/pcscd
    cat > "$YKT_PCSCD_DIR/vpcd.conf" << CONF
FRIENDLYNAME "Virtual PCD"
DEVICENAME   /dev/null:0x8C7B
LIBPATH      $vpcd_library
CHANNELID    0x8C7B
CONF
    rm -f "$pcscd_socket" # one left by a killed pcscd would end the wait below too early
    "$pcscd_program" --foreground --config "$YKT_PCSCD_DIR/vpcd.conf" >> "$YKT_PCSCD_DIR/pcscd.log" 2>&1 &
    local pid=$! tries=500
    disown # its end is no news for the shell
    echo "$pid" > "$YKT_PCSCD_DIR/pcscd.pid"
    until [ -S "$pcscd_socket" ]; do
        pcscd_runs "$pid" && [ $((tries -= 1)) -gt 0 ] ||
            { echo "pcscd did not start:" >&2; tail -n 5 "$YKT_PCSCD_DIR/pcscd.log" >&2; return 1; }
        sleep 0.01
    done
}

# A zombie does not run.
pcscd_runs() { grep -qs '^State:[[:space:]]*[^ZX]' "/proc/$1/status"; }

# pcscd_stop [SIGNAL]: returns when pcscd is gone; after five seconds it is killed.
pcscd_stop() {
    [ -f "$YKT_PCSCD_DIR/pcscd.pid" ] || return 0
    local pid tries=500
    pid=$(cat "$YKT_PCSCD_DIR/pcscd.pid")
    kill -"${1:-TERM}" "$pid" 2> /dev/null
    while pcscd_runs "$pid" && [ $((tries -= 1)) -gt 0 ]; do sleep 0.01; done
    ! pcscd_runs "$pid" || kill -KILL "$pid"
    rm -f "$YKT_PCSCD_DIR/pcscd.pid"
}
