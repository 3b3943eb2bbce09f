#!/bin/sh
# Runs the activity in its sandbox, without a server: what it comes to, and how it ends where it does not.
set -eu
cd "$(dirname "$0")"
mkdir -p build
isolet build -o build/test.wasm

fail() {
    echo "FAILED: $1" >&2
    exit 1
}

shipped=$(isolet run build/test.wasm ship '{"id": "7", "parcels": ["tea", "cup"]}')
[ "$shipped" = '{"order":"7","sent":["tea","cup"]}' ] || fail "all parcels are sent: $shipped"

# An attempt goes on from the last heartbeat.
resumed=$(isolet run build/test.wasm --heartbeat-details 2 ship '{"id": "7", "parcels": ["tea", "cup"]}')
[ "$resumed" = "$shipped" ] || fail "an attempt goes on: $resumed"

told=$(isolet run build/test.wasm ship '{"id": "8", "parcels": []}' 2>&1) && fail "an order without parcels fails"
case "$told" in
    *EmptyOrder*) ;;
    *) fail "an order without parcels is EmptyOrder: $told" ;;
esac
echo "all is well"
