# Copyright 2026 the Mortise authors
# SPDX-License-Identifier: Apache-2.0
#
# MQTT pairs at full speed, beside mosquitto. WARMUP (15) s, then SECONDS_EACH (10) s measured; sourced by bench/run.
warmup=${WARMUP:-15} seconds=${SECONDS_EACH:-10}
peer_port=31883

mqtt() { # QOS
    local qos=$1 i line
    rm -f "$work/mortise.txt" "$work/peer.txt"
    for i in $(seq "$runs"); do
        start_mortise $broker_cpu
        create_topic "bench$i" 4 DISK
        line=$(loader io.mortise.bench.MqttFlow --port=$mqtt_port "--pid=$pid" "--prefix=bench$i" "--qos=$qos" "--warmup=$warmup" "--seconds=$seconds" | grep RESULT)
        echo "mortise $i: $line" >&2
        loader io.mortise.bench.TopicCheck --kind=mqtt "--bootstrap=localhost:$kafka_port" "--topic=bench$i" \
            "--published=$(value "$line" published)" "--hash=$(value "$line" hash)" >&2
        echo "$line" >> "$work/mortise.txt"
        stop_pid "$pid"
        bash bench/peers/mosquitto.sh start "$work/mosquitto" $peer_port $broker_cpu
        pids+=("$(cat "$work/mosquitto/pid")")
        line=$(loader io.mortise.bench.MqttFlow --port=$peer_port "--pid=$(cat "$work/mosquitto/pid")" "--prefix=bench$i" "--qos=$qos" "--warmup=$warmup" "--seconds=$seconds" | grep RESULT)
        echo "mosquitto $i: $line" >&2
        echo "$line" >> "$work/peer.txt"
        bash bench/peers/mosquitto.sh stop "$work/mosquitto"
        rm -rf "$work/mosquitto"
    done
    echo "MQTT 3.1.1 QoS $qos, 8 pairs, 64 B, saturated, credit 100, median of $runs; Mortise: durability DISK, 4 partitions, engine segment; $(bash bench/peers/mosquitto.sh version 2> /dev/null || true), persistence without fsync"
    printf '%-28s %12s %12s %8s\n' "" mortise mosquitto ratio
    local key name
    for key in rate cpu_us cores p50_us p99_us p999_us rss_mib lost reordered; do
        name=$key
        [ $key = rate ] && name="deliveries/s"
        [ $key = cpu_us ] && name="broker CPU us per delivery"
        printf '%-28s %12s %12s %8s\n' "$name" "$(of "$work/mortise.txt" $key)" "$(of "$work/peer.txt" $key)" \
            "$(ratio "$(of "$work/mortise.txt" $key)" "$(of "$work/peer.txt" $key)")"
    done
}
