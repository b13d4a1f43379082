# Copyright 2026 the Mortise authors
# SPDX-License-Identifier: Apache-2.0
#
# Partition and engine beside the bare file layer; sourced by bench/run. Both cores are the benchmark's. STORAGE_DIR
# (bench/target/run/storage) lies on the disk that is measured. Sizes: SECONDS_EACH (3), LOGS (10000), APPENDED_MB (256),
# COLD_MB (2048), SIZE_GB (10), SLEEPERS (100000).
storage_dir=${STORAGE_DIR:-$work/storage}

storage_java() { # CLASS OPTIONS...
    local class=$1
    shift
    ${EXEC:-} "$JAVA" -XX:+UseSerialGC -Xms256m -Xmx1g -XX:+UseCompactObjectHeaders "${jvm_flags[@]}" ${BENCH_JAVA_OPTS:-} -cp "$class_path" \
        "io.mortise.bench.storage.$class" "--dir=$storage_dir/data" "$@"
}

reopen() {
    # In the place of the shell that & makes, so that the process is what is killed.
    EXEC=exec storage_java Reopen --step=fill "--megabytes=$((${SIZE_GB:-10} * 1024))" > "$storage_dir/full" 2> "$storage_dir/log" &
    local filler=$! full
    pids+=("$filler")
    for _ in $(seq 6000); do
        grep -q FULL "$storage_dir/full" && break
        kill -0 "$filler" 2> /dev/null || { cat "$storage_dir/log" >&2; exit 1; }
        sleep 0.1
    done
    kill_pid "$filler"
    full=$(cut -d' ' -f2 "$storage_dir/full")
    sync
    if echo 1 2> /dev/null > /proc/sys/vm/drop_caches; then echo "page cache emptied in between"; else echo "page cache warm: no right to empty it"; fi
    storage_java Reopen --step=open "--acknowledged=$full"
}

storage() { # PARTS...
    [ $# -gt 0 ] || set -- group-commit many-logs amplification cold-read memory reopen sessions
    local part begun
    for part in "$@"; do
        rm -rf "$storage_dir"
        mkdir -p "$storage_dir"
        echo
        echo "storage $part, median of $runs where it repeats; on $(findmnt -no SOURCE,FSTYPE -T "$storage_dir")"
        begun=$SECONDS
        case $part in
            group-commit) storage_java GroupCommit "--runs=$runs" "--seconds=${SECONDS_EACH:-3}" ;;
            many-logs) storage_java ManyLogs "--logs=${LOGS:-10000}" ;;
            amplification) storage_java Amplification "--megabytes=${APPENDED_MB:-256}" ;;
            cold-read) storage_java ColdRead "--runs=$runs" "--megabytes=${COLD_MB:-2048}" ;;
            memory) storage_java MemoryPath "--runs=$runs" ;;
            reopen) reopen ;;
            sessions) storage_java SleepingSessions "--sessions=${SLEEPERS:-100000}" ;;
            *) echo "no part '$part' of storage" >&2; exit 2 ;;
        esac
        echo "($((SECONDS - begun)) s)"
    done
    rm -rf "$storage_dir"
}
