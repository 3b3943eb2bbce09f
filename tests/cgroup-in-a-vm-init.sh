#!/bin/busybox sh
# The first process of the machine of cgroup-in-a-vm.sh: mounts what is needed, and does what is asked for on its console.
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t cgroup2 cgroup2 /sys/fs/cgroup
while read -r module; do insmod /modules/$module.ko; done </modules/order
ip link set lo up
ip link set eth0 up
ip addr add 10.0.2.15/24 dev eth0
ip route add default via 10.0.2.2
export HOME=/root PATH=/bin
node=/sys/fs/cgroup/isolet
echo "+cpu +memory" >/sys/fs/cgroup/cgroup.subtree_control
mkdir $node

# Starts a worker in a cgroup; returns when it serves all. It has one of the two processors, so that how the kernel spreads
# threads on several is no part of what is seen.
start() {
    sh -c "echo \$\$ >$1/cgroup.procs; exec taskset 1 isolet worker --config /isolet.toml" >/tmp/worker.log 2>&1 &
    worker=$!
    tail -n +1 -f /tmp/worker.log &
    told=$!
    # Cells are there once their components are loaded.
    until grep -q "ready: polling" /tmp/worker.log && [ "$(grep -c " loaded " /tmp/worker.log)" = 3 ]; do
        runs || break
        sleep 1
    done
    kill $told
}

# Whether the worker has not ended: what has is no program any more.
runs() { [ -e /proc/$worker/exe ]; }

# Tells what is in the node, each line with this word.
groups() {
    for group in $node/isolet-*; do
        [ -d $group ] || continue
        line="VM: $1 ${group##*/}"
        for file in cpu.weight memory.max memory.oom.group memory.swap.max memory.current; do
            line="$line $file=$(cat $group/$file 2>/dev/null)"
        done
        echo "$line processes=$(wc -l <$group/cgroup.procs)"
    done
}

used() { awk '/^usage_usec/ { print $2 }' $1/cpu.stat; }

# Parts of 1,000 that each tenant had in 30 seconds, once all have begun.
shares() {
    for group in $node/isolet-cell-*; do
        begun=$(used $group)
        while [ $(($(used $group) - begun)) -lt 2000000 ]; do sleep 1; done
    done
    # Until all guests of each have.
    sleep 20
    for group in $node/isolet-cell-*; do used $group >/tmp/${group##*-}; done
    sleep 30
    all=0
    for group in $node/isolet-cell-*; do
        had=$(($(used $group) - $(cat /tmp/${group##*-})))
        echo $had >/tmp/${group##*-}
        all=$((all + had))
    done
    for group in $node/isolet-cell-*; do
        had=$(cat /tmp/${group##*-})
        echo "VM: share ${group##*-} $((had * 1000 / all)) of 1000, $((had / 1000)) ms"
    done
}

stopped() { while runs; do sleep 1; done; }

stty -echo
# After what cleared the screen.
echo
echo "VM: up"
while read -r command; do
    case $command in
    start) start $node; groups group ;;
    shares) shares ;;
    groups) tail -n 20 /tmp/worker.log; groups now ;;
    limit)
        heavy=$(echo $node/isolet-cell-*-heavy)
        echo $(($(cat $heavy/memory.current) + (32 << 20))) >$heavy/memory.max
        ;;
    bound)
        light=$(echo $node/isolet-cell-*-light)
        sed -i 's/^name = "light"/&\nlimits.cpu-percent = 20/' /isolet.toml
        for _ in $(seq 60); do
            grep -q '^max' $light/cpu.max || break
            sleep 1
        done
        begun=$(used $light)
        sleep 10
        had=$((($(used $light) - begun) / 10000))
        throttled=$(awk '/^nr_throttled/ { print $2 }' $light/cpu.stat)
        echo "VM: bound ${light##*/} $had of 1000, cpu.max=$(cat $light/cpu.max) throttled=$throttled"
        ;;
    reweigh)
        heavy=$(echo $node/isolet-cell-*-heavy)
        before=$(cat $heavy/cgroup.procs)
        sed -i 's/^weight = 400/weight = 800/' /isolet.toml
        for _ in $(seq 60); do
            [ "$(cat $heavy/cpu.weight)" = 400 ] || break
            sleep 1
        done
        [ "$(cat $heavy/cgroup.procs)" = "$before" ] && same=yes || same=no
        echo "VM: reweigh ${heavy##*/} cpu.weight=$(cat $heavy/cpu.weight) same-process=$same"
        ;;
    kill) kill -KILL $worker; stopped; sleep 1; groups left ;;
    again) start $node/isolet-worker; groups again ;;
    stop) kill -TERM $worker; stopped; tail -n 5 /tmp/worker.log; groups stopped ;;
    back)
        rmdir $node/isolet-worker
        echo "-cpu -memory" >$node/cgroup.subtree_control
        start $node
        kill -TERM $worker
        stopped
        groups back
        echo "VM: back controllers=$(cat $node/cgroup.subtree_control)."
        ;;
    required)
        sed -i 's/^\[engine\]/&\ncgroup = "required"/' /isolet.toml
        isolet worker --config /isolet.toml >/tmp/required.log 2>&1
        code=$?
        echo "VM: required exit=$code: $(tr '\n' ' ' </tmp/required.log)"
        ;;
    off) echo "VM: done off"; poweroff -f ;;
    esac
    echo "VM: done $command"
done
