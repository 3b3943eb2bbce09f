#!/bin/sh
# Runs a program under a memory cgroup of its own, on a machine that has a swap file for that time: `pressed.sh FOLDER
# PROGRAM ARGUMENT…`. The program finds the file that limits its memory in $LIMIT_FILE, and what lifts the limit in
# $NO_LIMIT. Ends with 77, and a reason, where the machine does not allow it.
#
# It takes everything down again when the program has ended and when its own standard input has: also when whoever
# started it was killed.
set -u
folder=$1
shift
swap=$folder/swap
group=
child=

cannot() {
    echo "$1" >&2
    exit 77
}

clean() {
    trap - EXIT
    if [ -n "$child" ]; then
        kill -9 "$child" 2>/dev/null
        wait "$child" 2>/dev/null
    fi
    swapoff "$swap" 2>/dev/null
    rm -f "$swap"
    rmdir "$folder" 2>/dev/null
    # The kernel takes a moment to see that the group is empty.
    tries=50
    while [ -n "$group" ] && ! rmdir "$group" 2>/dev/null && [ "$tries" -gt 0 ]; do
        tries=$((tries - 1))
        sleep 0.1
    done
}
trap clean EXIT
trap 'exit 1' HUP INT TERM
# Whoever was to read what is said may be gone.
trap '' PIPE

if [ -e /sys/fs/cgroup/memory/memory.limit_in_bytes ]; then
    base=/sys/fs/cgroup/memory limit=memory.limit_in_bytes NO_LIMIT=-1
elif [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    base=/sys/fs/cgroup limit=memory.high NO_LIMIT=max
    # Whoever manages the machine has it on already; where nobody does, it stays on.
    grep -qw memory $base/cgroup.subtree_control || echo +memory 2>/dev/null >$base/cgroup.subtree_control ||
        cannot "the memory of groups can't be limited"
else
    cannot "there are no control groups for memory"
fi
mkdir "$base/isolet-swap-$$" 2>/dev/null || cannot "control groups can't be made"
group=$base/isolet-swap-$$
LIMIT_FILE=$group/$limit
export LIMIT_FILE NO_LIMIT

{ dd if=/dev/zero of="$swap" bs=1M count=128 && chmod 600 "$swap" && mkswap "$swap" && swapon "$swap"; } \
    >/dev/null 2>&1 || cannot "swap can't be made"

exec 3<&0
# Moves itself into the group before there is anything of the program to count.
sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$group" "$@" 3<&- </dev/null &
child=$!
{
    cat >/dev/null
    kill -9 "$child"
} <&3 2>/dev/null &
watcher=$!
exec 3<&- </dev/null
wait "$child"
code=$?
child=
kill "$watcher" 2>/dev/null
exit "$code"
