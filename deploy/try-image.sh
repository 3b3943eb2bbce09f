#!/bin/sh
# Builds the image of deploy/Containerfile and runs a worker in it as it is run in production: read-only, without
# capabilities, not as root, under the engine's own seccomp profile. The worker serves a component in a cell, on a
# development server outside of the container; an activity is run, and the worker is told to end.
#
#     sh deploy/try-image.sh [--program FILE] [COMPONENT]
#
# --program takes a program that is built already in the place of compiling one in the image. COMPONENT has an activity
# `greet`, and is target/guests/conformance.wasm unless given (`cargo xtask guests` builds it).
# CONTAINER_ENGINE is podman or docker, BASE_IMAGE and RUST_IMAGE are as in the Containerfile. BUILD_OPTIONS, RUN_OPTIONS
# and ENGINE_OPTIONS are further options of the engine's `build`, its `run` and of itself.

set -eu

fail() {
    echo "error: $*" >&2
    exit 1
}

cd "$(dirname "$0")/.."
program=
if [ "${1:-}" = --program ]; then
    [ -x "${2:-}" ] || fail "--program wants a program, and '${2:-}' is none"
    program=$2
    shift 2
fi
component=${1:-target/guests/conformance.wasm}
[ -f "$component" ] || fail "there is no component $component: build one with \`cargo xtask guests\`, or name one"
PATH=$PATH:$PWD/.tools/bin
command -v temporal >/dev/null || fail "there is no \`temporal\` on PATH: \`cargo xtask setup\` installs one"
engine=${CONTAINER_ENGINE:-$(command -v podman || command -v docker)} || fail "there is neither podman nor docker"
engine="$engine ${ENGINE_OPTIONS:-}"
image=localhost/isolet:try
work=$(mktemp -d)
server=

clean() {
    $engine rm --force isolet-try >/dev/null 2>&1 || true
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    rm -rf "$work"
}
trap clean EXIT
trap 'exit 1' INT TERM

echo "== building $image"
set -- --file deploy/Containerfile --tag "$image" --build-arg "REVISION=$(git rev-parse HEAD 2>/dev/null || echo unknown)"
[ -z "${BASE_IMAGE:-}" ] || set -- "$@" --build-arg "BASE_IMAGE=$BASE_IMAGE"
[ -z "${RUST_IMAGE:-}" ] || set -- "$@" --build-arg "RUST_IMAGE=$RUST_IMAGE"
if [ -n "$program" ]; then
    mkdir -p "$work/program/built/usr/local/bin" "$work/program/built/usr/share/doc/isolet"
    cp "$program" "$work/program/built/usr/local/bin/isolet"
    cp LICENSE "$work/program/built/usr/share/doc/isolet/"
    set -- "$@" --build-context "program=$work/program"
fi
$engine build ${BUILD_OPTIONS:-} "$@" .

echo "== looking at it"
user=$($engine inspect --format '{{.Config.User}}' "$image")
[ "$user" = 65532:65532 ] || fail "it runs as '$user', and not as 65532:65532"
# As Kubernetes mounts a ConfigMap, a component, and folders that belong to root and that all may write to.
mkdir "$work/config" "$work/components"
cp "$component" "$work/components/greeter.wasm"
set -- --pull never --read-only --cap-drop ALL --security-opt no-new-privileges --network host \
    --volume "$work/config:/etc/isolet/config:ro" --volume "$work/components:/components:ro" \
    --tmpfs /run/isolet:mode=1777 --tmpfs /var/lib/isolet:mode=1777 --tmpfs /var/cache/isolet:mode=1777 \
    --tmpfs /tmp:mode=1777
chmod -R a+rX "$work"
$engine run --rm ${RUN_OPTIONS:-} "$@" "$image" --version
if $engine run --rm ${RUN_OPTIONS:-} "$@" --entrypoint /bin/sh "$image" -c true >/dev/null 2>&1; then
    fail "it has a shell"
fi

echo "== serving a component in a cell"
free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
port=$(free_port)
web=127.0.0.1:$(free_port)
temporal server start-dev --headless --ip 127.0.0.1 --port "$port" --log-level error >"$work/server.log" 2>&1 &
server=$!
until temporal operator cluster health --address "127.0.0.1:$port" >/dev/null 2>&1; do
    kill -0 "$server" 2>/dev/null || fail "the development server ended: $(cat "$work/server.log")"
    sleep 0.2
done
cat >"$work/config/isolet.toml" <<END
[connection]
address = "127.0.0.1:$port"
namespace = "default"

[[tenants]]
name = "acme"

[[tenants.workers]]
task-queue = "greetings"

[[tenants.workers.components]]
path = "/components/greeter.wasm"
END
chmod a+r "$work/config/isolet.toml"
$engine run --detach --name isolet-try ${RUN_OPTIONS:-} "$@" --env "ISOLET_WEB_ADDRESS=$web" "$image" >/dev/null
result=$(temporal activity execute --address "127.0.0.1:$port" --activity-id try --type greet --task-queue greetings \
    --start-to-close-timeout 60s --schedule-to-close-timeout 300s --input '"Ann"' --output json) ||
    fail "the activity failed: $($engine logs isolet-try 2>&1)"
echo "$result" | grep -q '"result": *"Hello, Ann!"' || fail "it came to something else: $result"
$engine exec isolet-try isolet status
for path in healthz readyz metrics; do
    python3 -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1])' "http://$web/$path" ||
        fail "it does not answer /$path"
done

echo "== ending it"
$engine stop --time 30 isolet-try >/dev/null
code=$($engine inspect --format '{{.State.ExitCode}}' isolet-try)
[ "$code" = 0 ] || fail "it ended with $code: $($engine logs isolet-try 2>&1)"
echo "the image works"
