# Copyright 2026 the Mortise authors
# SPDX-License-Identifier: Apache-2.0
#
# What a start costs, by part and by collector; sourced by bench/run. RSS is read SETTLE (60) s after the first message,
# that of parts PART_SETTLE (1) s after they are there.
settle=${SETTLE:-60} part_settle=${PART_SETTLE:-1}

# In the order in which they are added; the kernel's own logs need the first.
plugins=(storage-segment storage-memory auth-builtin connector-jdbc admin-http protocol-mqtt protocol-kafka)

publish_and_read() {
    local read
    mosquitto_pub -h 127.0.0.1 -p $mqtt_port -t start/now -q 1 -m here
    read=$(kcat -b localhost:$kafka_port -G bench-start -X auto.offset.reset=earliest -c 1 -q start 2> /dev/null)
    [ "$read" = here ] || { echo "read '$read' instead of 'here'" >&2; exit 1; }
}

# The first start with these flags has the cache of classes made beside it, where the collector allows one.
train() { # JVM OPTIONS
    rm -rf "$work/cache"
    unset MORTISE_AOT
    MORTISE_JAVA_OPTS=$1 start_mortise ""
    for _ in $(seq 60); do
        sleep 1
        compgen -G "$work/cache/*.training" > /dev/null || break
    done
    kill_pid "$pid"
    # Without one, each start would try again in the background.
    if compgen -G "$work/cache/*.aot" > /dev/null; then unset MORTISE_AOT; else export MORTISE_AOT=off; fi
}

# One start of bench.StartStep with the flags and the cache of the broker.
step_once() { # STEP -> cpu_ms=... rss=...
    local arguments=() path at
    mapfile -d '' -t arguments < "$work/cmdline"
    for at in "${!arguments[@]}"; do
        [ "${arguments[at]}" = -cp ] && break
    done
    path=${arguments[at + 1]}:$root/bench/target/classes
    rm -rf "$work/step"
    mkdir -p "$work/step"
    "${arguments[@]:0:at}" -cp "$path" io.mortise.bench.StartStep "$1" "$work/step/data" > "$work/step/log" 2>&1 &
    pid=$!
    pids+=("$pid")
    await_line "$work/step/log" READY
    measured_part
}
measured_part() {
    local cpu
    sleep 0.2 # what it still does by itself
    cpu=$(cpu_ms "$pid")
    sleep "$part_settle"
    echo "cpu_ms=$cpu rss=$(rss_mib "$pid")"
    kill_pid "$pid"
}

# A broker with the first COUNT plugins.
plugins_once() { # COUNT
    start_mortise "" --plugins "$work/plugins$1"
    measured_part
}

message_once() {
    start_mortise ""
    publish_and_read
    local cpu
    cpu=$(cpu_ms "$pid")
    sleep "$part_settle"
    echo "cpu_ms=$cpu rss=$(rss_mib "$pid")"
    kill_pid "$pid"
}

part_row() { # NAME FILE: the step's own share is what it adds to the step before
    local cpu rss
    cpu=$(of "$2" cpu_ms) rss=$(of "$2" rss)
    printf '%-36s %10s %10s %10s %10s\n' "$1" $((cpu - cpu_before)) "$cpu" $((rss - rss_before)) "$rss"
    cpu_before=$cpu rss_before=$rss
}

parts() {
    local i count
    rm -f "$work"/part-*.txt
    train ""
    start_mortise ""
    cp "/proc/$pid/cmdline" "$work/cmdline"
    kill_pid "$pid"
    for count in $(seq ${#plugins[@]}); do
        rm -rf "$work/plugins$count"
        mkdir -p "$work/plugins$count"
        for i in "${plugins[@]:0:count}"; do cp "$home"/plugins/mortise-"$i"-*.jar "$work/plugins$count/"; done
    done
    for i in $(seq "$runs"); do
        for step in jvm metadata felix; do step_once $step >> "$work/part-$step.txt"; done
        for count in $(seq ${#plugins[@]}); do plugins_once "$count" >> "$work/part-$count.txt"; done
        message_once >> "$work/part-message.txt"
    done
    echo
    echo "By part: each start has one part more than the one above; Serial (shipped), AOT cache there; RSS $part_settle s later; median of $runs; 10 ms is one tick"
    printf '%-36s %10s %10s %10s %10s\n' part CPU_ms sum RSS_MiB sum
    cpu_before=0 rss_before=0
    part_row "JVM (empty main, same flags)" "$work/part-jvm.txt"
    part_row "metadata, scheduler, metrics" "$work/part-metadata.txt"
    part_row "Felix, without a bundle" "$work/part-felix.txt"
    part_row "storage-segment, rest of the kernel" "$work/part-1.txt"
    for count in $(seq 2 ${#plugins[@]}); do part_row "${plugins[count - 1]}" "$work/part-$count.txt"; done
    part_row "first publish, topic, group, read" "$work/part-message.txt"
}

collector_set() {
    cat << SET
Serial-shipped
G1 -XX:-UseSerialGC -XX:+UseG1GC
ZGC -XX:-UseSerialGC -XX:+UseZGC -XX:SoftMaxHeapSize=96m
SET
}

start_bench() {
    local name options i number=1
    rm -f "$work"/start-*.txt "$work/first.txt"
    for i in $(seq "$runs"); do
        rm -rf "$work/cache"
        MORTISE_AOT=off message_once >> "$work/first.txt"
    done
    while read -r name options; do
        export MORTISE_JAVA_OPTS=$options
        train "$options"
        for i in $(seq "$runs"); do message_once >> "$work/start-$name.txt"; done
        place $((++number)) # stays, so that one wait serves all
        start_mortise ""
        publish_and_read
        echo "$pid" > "$work/start-$name.pid"
        place 1
    done < <(collector_set)
    export MORTISE_JAVA_OPTS=""
    sleep "$settle"
    echo "From exec to a QoS 1 publish acknowledged and read by a Kafka consumer in a group; RSS $settle s later (once each); median of $runs; second start: AOT cache where the collector allows one"
    printf '%-28s %10s %10s %16s\n' collector CPU_ms "RSS_MiB" "RSS_${part_settle}s_later"
    printf '%-28s %10s %10s %16s\n' "Serial, first start, no cache" "$(of "$work/first.txt" cpu_ms)" "" "$(of "$work/first.txt" rss)"
    while read -r name options; do
        printf '%-28s %10s %10s %16s\n' "$name" "$(of "$work/start-$name.txt" cpu_ms)" "$(rss_mib "$(cat "$work/start-$name.pid")")" \
            "$(of "$work/start-$name.txt" rss)"
        kill_pid "$(cat "$work/start-$name.pid")"
    done < <(collector_set)
    parts
}
