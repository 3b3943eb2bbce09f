#!/bin/sh
# Tries cgroups of cells on a kernel that has cgroup v2, in a virtual machine of its own: see docs/operations.md, "Control
# groups". Fetches what it needs from Debian, without installing it, and emulates the processor, so no rights are needed.
#
# It shows, and fails unless it sees:
#   - three tenants with weights 100, 200 and 400 whose guests spin have cgroups with these weights, and their shares;
#   - a tenant with a most of the processors has no more of them, and that it waited is counted;
#   - a weight that changes is that of the process that runs;
#   - a cell beyond its memory limit is killed as a whole, its attempt says so, and another tenant's goes on;
#   - cgroups are gone with their processes, a worker that was killed leaves empty ones, and the next one removes them;
#   - `engine.cgroup = "required"` starts nothing where the cgroup is not delegated.
#
# Before it: cargo xtask setup, cargo xtask guests, cargo build --workspace --bins
set -eu
cd "$(dirname "$0")/.."
folder=target/cgroup-vm
isolet=target/debug/isolet
component=target/guests/conformance.wasm
temporal=.tools/bin/temporal
port=${ISOLET_VM_PORT:-17233}

fail() { echo "cgroup-in-a-vm: $*" >&2; exit 1; }

# Something is not as it should be; the rest is tried all the same.
wrong=0
complain() { echo "WRONG: $*" >&2; wrong=1; }

for needed in $isolet $component $temporal; do
    [ -e $needed ] || fail "$needed is missing: see the beginning of this file"
done

# What a machine needs: an emulator, a kernel, and busybox for all that is no worker.
fetch() {
    command -v apt-get >/dev/null || fail "this is no Debian: there is no apt-get"
    mkdir -p $folder/packages
    kernel=$(apt-cache depends linux-image-cloud-amd64 | awk '/Depends: linux-image/ { print $2; exit }')
    emulator=$(apt-get install --simulate --no-install-recommends qemu-system-x86 | awk '/^Inst/ { print $2 }')
    (cd $folder/packages && apt-get download $emulator "$kernel" busybox-static)
    for package in $folder/packages/*.deb; do dpkg-deb -x "$package" $folder/unpacked; done
    rm -r $folder/packages
    touch $folder/fetched
}
[ -e $folder/fetched ] || fetch

# The machine's files: the worker with its libraries, modules for the network, and what runs first.
disk() {
    disk=$folder/disk
    rm -rf $disk
    mkdir -p $disk/bin $disk/modules $disk/dev $disk/proc $disk/sys $disk/tmp $disk/root $disk/lib64
    cp $folder/unpacked/bin/busybox $disk/bin/
    strip -o $disk/bin/isolet $isolet
    cp $component $disk/guest.wasm
    ldd $isolet | awk '{ for (i = 1; i <= NF; i++) if ($i ~ /^\//) print $i }' | while read -r library; do
        mkdir -p "$disk$(dirname "$library")"
        cp -L "$library" "$disk$library"
    done
    for module in virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci failover net_failover virtio_net
    do
        cp "$(find $folder/unpacked/lib/modules -name $module.ko)" $disk/modules/
        echo $module >>$disk/modules/order
    done
    configuration >$disk/isolet.toml
    cp tests/cgroup-in-a-vm-init.sh $disk/init
    chmod +x $disk/init
    (cd $disk && find . | ./bin/busybox cpio -o -H newc | gzip -1) >$folder/initrd
    rm -r $disk
}

configuration() {
    echo "connection.address = \"10.0.2.2:$port\""
    printf '[engine]\ncell-start = "load"\nguest-threads = 2\nmemory-budget = "1GiB"\ncell-overhead = "128MiB"\n'
    for tenant in light:100 middle:200 heavy:400; do
        printf '[[tenants]]\nname = "%s"\nweight = %s\n' "${tenant%:*}" "${tenant#*:}"
        printf '[[tenants.workers]]\ntask-queue = "%s"\nmax-concurrent = 2\n' "${tenant%:*}"
        printf '[[tenants.workers.components]]\npath = "/guest.wasm"\nlimits.memory = "160MiB"\n'
    done
}

# Waits until the machine has said something.
heard() {
    for _ in $(seq 3600); do
        grep -q "^VM: $1" $folder/log && return
        kill -0 "$machine" 2>/dev/null || fail "the machine is gone: see $folder/log"
        sleep 0.5
    done
    fail "the machine has not said \"$1\": see $folder/log"
}

# Has the machine do something.
ask() {
    echo "$1" >&3
    heard "done $1"
}

# Lines that the machine has said about something.
said() { grep "^VM: $1 " $folder/log | tr -d '\r' || true; }

# Starts an activity: its id, its tenant, its type, how long it may take, how often it is tried, and its arguments.
activity() {
    id=$1 queue=$2 type=$3 time=$4 attempts=$5
    shift 5
    for argument in "$@"; do set -- "$@" --input "$argument"; shift; done
    $temporal activity start --address 127.0.0.1:$port --activity-id "$id" --task-queue "$queue" --type "$type" \
        --start-to-close-timeout "$time" --retry-maximum-attempts "$attempts" "$@" >/dev/null
}

outcome() { $temporal activity result --address 127.0.0.1:$port --activity-id "$1" 2>&1 || true; }

has() { echo "$1" | grep -q "$2" || complain "there is no \"$2\" in: $1"; }

disk
rm -f $folder/log $folder/in
mkfifo $folder/in
$temporal server start-dev --ip 127.0.0.1 --port $port --headless --log-level error >$folder/temporal.log 2>&1 &
server=$!
root=$PWD/$folder/unpacked
export LD_LIBRARY_PATH="$root/usr/lib/x86_64-linux-gnu:$root/lib/x86_64-linux-gnu"
PATH=$PATH:$root/usr/bin qemu-system-x86_64 -L "$root/usr/share/qemu" -L "$root/usr/share/seabios" \
    -accel tcg,thread=multi -cpu max -m 2G -smp 2 -nographic -no-reboot -serial stdio -monitor none \
    -kernel "$(echo $folder/unpacked/boot/vmlinuz-*)" -initrd $folder/initrd -append "console=ttyS0 quiet panic=-1 no_timer_check" \
    -netdev user,id=net -device virtio-net-pci,netdev=net,romfile= <$folder/in >$folder/log 2>&1 &
machine=$!
unset LD_LIBRARY_PATH
exec 3>$folder/in
trap 'kill $machine $server 2>/dev/null || true' EXIT

echo "starting a worker in the machine"
# What it is told before is lost.
heard up
ask start
said group
[ "$(said group | grep -c 'isolet-cell-')" = 3 ] || complain "there are not three cells"
for weight in 100 200 400; do has "$(said group)" "isolet-cell-.*cpu.weight=$weight "; done
has "$(said group)" "isolet-worker cpu.weight=700 "
has "$(said group)" "isolet-cell-.*memory.max=[0-9]* memory.oom.group=1 memory.swap.max=0 .*processes=1"

echo "spinning"
for tenant in light middle heavy; do
    for number in 1 2; do activity "spin-$tenant-$number" $tenant spin 120s 1; done
done
ask shares
said share
for share in light:143 middle:286 heavy:571; do
    said share | awk -v tenant="${share%:*}" -v wanted="${share#*:}" \
        '$3 == tenant { off = $4 - wanted; exit !(off * 10 < wanted && -off * 10 < wanted) }' ||
        complain "${share%:*} has not ${share#*:} of 1000 parts, within a tenth"
done
for tenant in light middle heavy; do
    for number in 1 2; do outcome "spin-$tenant-$number" >/dev/null; done
done

echo "bounding the processors"
activity bounded light spin 60s 1
ask bound
said bound
has "$(said bound)" "cpu.max=20000 100000"
said bound | awk '{ exit !($4 < 240) }' || complain "it had more than a fifth of a processor"
has "$(said bound)" "throttled=[1-9]"
outcome bounded >/dev/null

echo "going over a limit"
ask limit
activity waits light sleep_ms 300s 1 20000
activity eats heavy allocate 300s 1 120
outcome eats
has "$(outcome eats)" "it was out of memory: it was killed at the cell's limit"
has "$(outcome waits)" 20000
outcome waits
ask groups
has "$(cat $folder/log)" "SandboxLost: the process that ran the attempt was lost: it was out of memory"

echo "changing a weight"
ask reweigh
said reweigh
has "$(said reweigh)" "cpu.weight=800 same-process=yes"

echo "killing the worker, and starting another one"
ask kill
said left
[ "$(said left | grep -c 'isolet-cell-.* processes=0')" -ge 3 ] || complain "the worker has left nothing"
ask again
said again
[ "$(said again | grep -c 'isolet-cell-')" = 3 ] || complain "there are not three cells"

echo "stopping the worker"
ask stop
said stopped
if said stopped | grep -q isolet-cell-; then complain "cgroups of cells are left"; fi

echo "starting and stopping one that enables the controllers by itself"
ask back
said back
has "$(said back)" "controllers=\."
if said back | grep -q isolet-; then complain "the cgroup was not given back"; fi

echo "starting one where nothing is delegated"
ask required
said required
has "$(said required)" "exit=2"
ask off
wait $machine || true
[ $wrong = 0 ] || fail "not all of it was seen"
echo "all of it was seen"
