#!/usr/bin/env bash
# Copyright 2026 the Mortise authors
# SPDX-License-Identifier: Apache-2.0
#
# Debian's mosquitto as a peer.  mosquitto.sh start DIR PORT [CPU] | stop DIR | version
set -euo pipefail
bin=$(command -v mosquitto || echo /usr/sbin/mosquitto)
case ${1:-} in
    start)
        dir=$2 port=$3 cpu=${4:-}
        [ -x "$bin" ] || { echo "mosquitto is missing: apt-get install mosquitto" >&2; exit 2; }
        mkdir -p "$dir"
        chmod 777 "$dir"
        cat > "$dir/conf" << CONF
allow_anonymous true
listener $port 127.0.0.1
persistence true
persistence_location $dir/
max_queued_messages 0
set_tcp_nodelay true
log_dest none
CONF
        ${cpu:+taskset -c "$cpu"} "$bin" -c "$dir/conf" > "$dir/out" 2>&1 &
        echo $! > "$dir/pid"
        for _ in $(seq 100); do
            (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null && exit 0
            sleep 0.1
        done
        echo "mosquitto did not come up" >&2
        exit 1
        ;;
    stop)
        pid=$(cat "$2/pid")
        kill "$pid" 2> /dev/null || true
        while kill -0 "$pid" 2> /dev/null; do sleep 0.1; done
        ;;
    version) "$bin" -h | head -1 ;;
    *) sed -n '5p' "$0" >&2; exit 2 ;;
esac
