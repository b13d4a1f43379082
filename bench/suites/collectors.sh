# Copyright 2026 the Mortise authors
# SPDX-License-Identifier: Apache-2.0
#
# Garbage collectors of the broker under load at a fixed rate; sourced by bench/run. Each load runs WARMUP (6) s, then
# SECONDS_EACH (6) s measured; RATE_MQTT (100000) messages of 64 B and RATE_KAFKA (40000) records of 1 KB a second.
warmup=${WARMUP:-6} seconds=${SECONDS_EACH:-6}
rate_mqtt=${RATE_MQTT:-100000} rate_kafka=${RATE_KAFKA:-40000}

# Longest and summed stops of the whole broker in a log of -Xlog:safepoint, from line FROM on.
pauses() { # FILE FROM -> pauses=N pause_max_ms=... pause_sum_ms=...
    tail -n "+$2" "$1" | sed -nE 's/.*Safepoint .* Total: *([0-9]+) ns.*/\1/p' |
        awk '{n++; s += $1; if ($1 > m) m = $1} END {printf "pauses=%d pause_max_ms=%.2f pause_sum_ms=%.1f", n, m / 1e6, s / 1e6}'
}
measured() { # FILE COMMAND...: runs it, adds its result and the stops meanwhile to FILE
    local file=$1 from line
    shift
    from=$(($(wc -l < "$work/safepoints") + 1))
    line=$("$@" | grep RESULT)
    line="$line $(pauses "$work/safepoints" "$from")"
    echo "$line" >> "$file"
    echo "${file##*/} $line" >&2
}

collectors() {
    local name options i load key
    rm -f "$work"/gc-*.txt
    for i in $(seq "$runs"); do
        while read -r name options; do
            rm -f "$work/safepoints"
            MORTISE_AOT=off MORTISE_JAVA_OPTS="$options -Xlog:safepoint:file=$work/safepoints:none:filecount=0" start_mortise $broker_cpu
            create_topic bench 4 DISK
            create_topic perf 4 DISK
            measured "$work/gc-mqtt-$name.txt" loader io.mortise.bench.MqttFlow --port=$mqtt_port "--pid=$pid" --prefix=bench --qos=1 \
                "--rate=$rate_mqtt" "--warmup=$warmup" "--seconds=$seconds"
            measured "$work/gc-kafka-$name.txt" loader io.mortise.bench.KafkaFlow "--bootstrap=localhost:$kafka_port" "--pid=$pid" \
                --topic=perf "--rate=$rate_kafka" "--warmup=$warmup" "--seconds=$seconds"
            kill_pid "$pid"
        done << SET
Serial-shipped
G1 -XX:-UseSerialGC -XX:+UseG1GC
ZGC -XX:-UseSerialGC -XX:+UseZGC -XX:SoftMaxHeapSize=96m
SET
    done
    echo "Publish to acknowledgement at a fixed rate, durability DISK, 4 partitions, engine segment, after $warmup s for $seconds s, median of $runs (longest stop: of all runs); stops of warm-up counted, of the start not"
    for load in mqtt kafka; do
        [ $load = mqtt ] && echo "MQTT QoS 1, 8 pairs, 64 B, $rate_mqtt messages/s, delivered to 8 subscribers"
        [ $load = kafka ] && echo "Kafka produce, acks=all, 1 KB, linger 0, $rate_kafka records/s"
        printf '%-16s %9s %8s %9s %9s %9s %9s %8s %8s %12s %12s\n' collector msg/s CPU_us p50_us p99_us p99.9_us max_us RSS_MiB stops longest_ms all_stops_ms
        for name in Serial-shipped G1 ZGC; do
            printf '%-16s' "$name"
            key=$work/gc-$load-$name.txt
            printf ' %9s %8s %9s %9s %9s %9s %8s %8s %12s %12s\n' "$(of "$key" rate)" "$(of "$key" cpu_us)" "$(of "$key" ack_p50_us)" \
                "$(of "$key" ack_p99_us)" "$(of "$key" ack_p999_us)" "$(of "$key" ack_max_us)" "$(of "$key" rss_mib)" "$(of "$key" pauses)" \
                "$(greatest "$key" pause_max_ms)" "$(of "$key" pause_sum_ms)"
        done
    done
}
greatest() { awk -v key="$2" '{for (i = 1; i <= NF; i++) if (index($i, key "=") == 1) print substr($i, length(key) + 2)}' "$1" | sort -g | tail -1; }
