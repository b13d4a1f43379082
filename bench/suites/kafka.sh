# Copyright 2026 the Mortise authors
# SPDX-License-Identifier: Apache-2.0
#
# Kafka's own perf tools beside Apache Kafka; sourced by bench/run. Records of one measurement, at level OS for produce
# (a run lasts some 4 s for the faster broker): RECORDS_100 (3000000), RECORDS_1024 (600000); at DISK about half.
# Consumed: READ_100 (8000000), READ_1024 (1800000), so many times in a run: PASSES (4).
peer_port=31883
warm_part=5 # of a produce run one part in so many, on top, is the tool's warm-up

perf() { # BOOTSTRAP TOPIC RECORDS SIZE ACKS [WARMUP_RECORDS]: the tool's lines
    taskset -c $loader_cpu bash bench/peers/kafka.sh tool "$kafka_libs" org.apache.kafka.tools.ProducerPerformance --bootstrap-server "$1" --topic "$2" \
        --num-records "$3" --record-size "$4" --throughput -1 ${6:+--warmup-records "$6"} --command-property "acks=$5" linger.ms=5 batch.size=131072 \
        buffer.memory=67108864 compression.type=none 2> /dev/null
}
peer_topic() { # NAME OPTIONS...
    local topic=$1
    shift
    bash bench/peers/kafka.sh tool "$kafka_libs" org.apache.kafka.tools.TopicCommand --bootstrap-server 127.0.0.1:$peer_port --create --topic "$topic" \
        --partitions 4 "$@" > /dev/null 2>&1
}
start_peer() { # sets peer
    bash bench/peers/kafka.sh start "$kafka_libs" "$work/kafka" $peer_port $broker_cpu
    peer=$(cat "$work/kafka/pid")
    pids+=("$peer")
}

# Records of a setting, measured; warm-up comes on top.
records_of() { # LEVEL SIZE
    local records
    [ "$2" = 100 ] && records=${RECORDS_100:-3000000} || records=${RECORDS_1024:-600000}
    [ "$1" = DISK ] && records=$((records / 2))
    echo "$records"
}
with_warmup() { echo $(($1 + $1 / warm_part)); }

settings() { # every setting of produce: LEVEL SIZE ACKS
    local level size acks
    for level in OS DISK; do
        for size in 100 1024; do
            for acks in 1 all; do echo "$level $size $acks"; done
        done
    done
}

# One run of one setting; CPU is that of the whole run, the tool's warm-up included: the broker is warm by then.
produce_once() { # PID BOOTSTRAP LEVEL SIZE ACKS FILE
    local before after all line
    all=$(with_warmup "$(records_of "$3" "$4")")
    before=$(cpu_ms "$1")
    line=$(perf "$2" "perf-$3-$4-$5" "$all" "$4" "$5" $((all - $(records_of "$3" "$4"))) | tail -1 |
        sed -E 's/.* ([0-9]+)[.0-9]* records\/sec.* ([0-9.]+) ms 50th, .* ([0-9.]+) ms 99th, ([0-9.]+) ms 99.9th.*/rate=\1 p50_ms=\2 p99_ms=\3 p999_ms=\4/')
    after=$(cpu_ms "$1")
    line="$line cpu_ms_mib=$(awk -v a="$before" -v b="$after" -v n="$all" -v s="$4" 'BEGIN {printf "%.3f", (b - a) / (n * s / 1048576)}') rss_mib=$(rss_mib "$1")"
    echo "$line" >> "$6"
    echo "${6##*/} $line" >&2
}

# Every setting on one broker, then every topic is read and compared with what was published.
produce_all() { # PID BOOTSTRAP SIDE
    local level size acks topics="" counts="" hashes=""
    perf "$2" warm 2000000 100 1 > /dev/null
    while read -r level size acks; do
        produce_once "$1" "$2" "$level" "$size" "$acks" "$work/$3-$level-$size-$acks.txt"
        topics=$topics,perf-$level-$size-$acks
        counts=$counts,$(with_warmup "$(records_of "$level" "$size")")
        hashes=$hashes,$(cat "$work/hash-$level-$size")
    done < <(settings)
    loader io.mortise.bench.TopicCheck --kind=perf "--bootstrap=$2" "--topic=${topics#,}" "--published=${counts#,}" "--hash=${hashes#,}" >&2
}

kafka_produce() {
    bash bench/peers/kafka.sh fetch "$kafka_libs"
    local level size acks i side file
    rm -f "$work"/{mortise,kafka}-*.txt
    for level in OS DISK; do
        for size in 100 1024; do
            loader io.mortise.bench.TopicCheck --kind=perf-hash "--published=$(with_warmup "$(records_of $level $size)")" --size=$size > "$work/hash-$level-$size"
        done
    done
    for i in $(seq "$runs"); do
        start_mortise $broker_cpu
        create_topic warm 4 OS
        while read -r level size acks; do create_topic "perf-$level-$size-$acks" 4 "$level"; done < <(settings)
        produce_all "$pid" "localhost:$kafka_port" mortise
        stop_pid "$pid"
        start_peer
        peer_topic warm
        while read -r level size acks; do
            if [ "$level" = DISK ]; then
                peer_topic "perf-$level-$size-$acks" --config flush.messages=1
            else
                peer_topic "perf-$level-$size-$acks"
            fi
        done < <(settings)
        produce_all "$peer" "127.0.0.1:$peer_port" kafka
        bash bench/peers/kafka.sh stop "$work/kafka"
        rm -rf "$work/kafka"
    done
    echo "Kafka's ProducerPerformance, linger 5 ms, batch 128 KiB, 4 partitions, engine segment, median of $runs alternating runs; a run: one broker, warmed with 2 000 000 records, then every setting; OS beside Kafka's default, DISK beside flush.messages=1"
    printf '%-20s %-8s %9s %10s %8s %8s %9s %11s %8s\n' setting broker records records/s p50_ms p99_ms p99.9_ms CPU_ms/MiB RSS_MiB
    while read -r level size acks; do
        for side in mortise kafka; do
            file=$work/$side-$level-$size-$acks.txt
            printf '%-20s %-8s %9s %10s %8s %8s %9s %11s %8s\n' "$level ${size}B acks=$acks" $side "$(records_of "$level" "$size")" \
                "$(of "$file" rate)" "$(of "$file" p50_ms)" "$(of "$file" p99_ms)" "$(of "$file" p999_ms)" "$(of "$file" cpu_ms_mib)" "$(of "$file" rss_mib)"
        done
        printf '%-20s %-8s %20s %39s\n' "" ratio "$(ratio "$(of "$work/mortise-$level-$size-$acks.txt" rate)" "$(of "$work/kafka-$level-$size-$acks.txt" rate)")" \
            "$(ratio "$(of "$work/mortise-$level-$size-$acks.txt" cpu_ms_mib)" "$(of "$work/kafka-$level-$size-$acks.txt" cpu_ms_mib)")"
    done < <(settings)
}

consume_once() { # PID BOOTSTRAP TOPIC RECORDS SIZE FILE [PASSES]: the same records so many times, each time as a new group
    local before after line pass passes=${7:-1}
    before=$(cpu_ms "$1")
    line=$(for pass in $(seq "$passes"); do
        taskset -c $loader_cpu bash bench/peers/kafka.sh tool "$kafka_libs" org.apache.kafka.tools.ConsumerPerformance --bootstrap-server "$2" --topic "$3" \
            --num-records "$4" --group "bench-$RANDOM$RANDOM" --hide-header --timeout 60000 2> /dev/null | grep -E '^[0-9]{4}-' | tail -1
    done)
    after=$(cpu_ms "$1")
    # start, end, MB, MB/s, records, records/s, rebalance ms, fetch ms, fetch MB/s, fetch records/s
    line=$(awk -F', *' -v a="$before" -v b="$after" -v n="$4" -v s="$5" -v passes="$passes" '{mb += $3; records += $5; ms += $8}
        END {printf "rate=%.0f mib_s=%.1f records=%d cpu_ms_mib=%.3f\n", records * 1000 / ms, mb * 1000 / ms, records, (b - a) / (n * passes * s / 1048576)}' <<< "$line")
    echo "$line" >> "$6"
    echo "${6##*/} $line" >&2
}
consume_warm() { # PID BOOTSTRAP TOPIC RECORDS SIZE FILE
    local end=$((SECONDS + ${WARMUP_SECONDS:-15}))
    while [ $SECONDS -lt $end ]; do consume_once "$@"; done
}

kafka_consume() {
    bash bench/peers/kafka.sh fetch "$kafka_libs"
    local size i side file passes=${PASSES:-4}
    declare -A read=([100]=${READ_100:-8000000} [1024]=${READ_1024:-1800000})
    rm -f "$work"/{mortise,kafka}-*.txt
    start_mortise $broker_cpu
    start_peer
    for size in 100 1024; do
        create_topic read-$size 4 OS
        peer_topic read-$size
        perf "localhost:$kafka_port" read-$size "${read[$size]}" $size 1 > /dev/null
        perf "127.0.0.1:$peer_port" read-$size "${read[$size]}" $size 1 > /dev/null
        consume_warm "$pid" "localhost:$kafka_port" read-$size "${read[$size]}" $size "$work/mortise-warm.txt"
        consume_warm "$peer" "127.0.0.1:$peer_port" read-$size "${read[$size]}" $size "$work/kafka-warm.txt"
        for i in $(seq "$runs"); do
            consume_once "$pid" "localhost:$kafka_port" read-$size "${read[$size]}" $size "$work/mortise-$size.txt" "$passes"
            consume_once "$peer" "127.0.0.1:$peer_port" read-$size "${read[$size]}" $size "$work/kafka-$size.txt" "$passes"
        done
    done
    stop_pid "$pid"
    bash bench/peers/kafka.sh stop "$work/kafka"
    rm -rf "$work/kafka"
    echo "Kafka's ConsumerPerformance, each time a new group, 4 partitions, OS durability, engine segment, median of $runs alternating runs of $passes passes after ${WARMUP_SECONDS:-15} s of warm-up; both brokers are there, the other one idle"
    printf '%-8s %-8s %9s %12s %10s %12s\n' setting broker records records/s MiB/s CPU_ms/MiB
    for size in 100 1024; do
        for side in mortise kafka; do
            file=$work/$side-$size.txt
            printf '%-8s %-8s %9s %12s %10s %12s\n' "${size}B" $side "$(of "$file" records)" "$(of "$file" rate)" "$(of "$file" mib_s)" "$(of "$file" cpu_ms_mib)"
        done
        printf '%-8s %-8s %22s %23s\n' "" ratio "$(ratio "$(of "$work/mortise-$size.txt" rate)" "$(of "$work/kafka-$size.txt" rate)")" \
            "$(ratio "$(of "$work/mortise-$size.txt" cpu_ms_mib)" "$(of "$work/kafka-$size.txt" cpu_ms_mib)")"
    done
}
