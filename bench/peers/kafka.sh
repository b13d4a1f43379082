#!/usr/bin/env bash
# Copyright 2026 the Mortise authors
# SPDX-License-Identifier: Apache-2.0
#
# Apache Kafka from its jars as a peer: one KRaft node.
#   kafka.sh fetch LIBS | start LIBS DIR PORT [CPU] | stop DIR | tool LIBS CLASS ARGS...
# Environment: JAVA (java of JDK 17 or later), KAFKA_VERSION (4.3.1), KAFKA_HEAP (1g)
set -euo pipefail
java=${JAVA:-java}
version=${KAFKA_VERSION:-4.3.1}
heap=${KAFKA_HEAP:-1g}

run_java() { # LIBS HEAP CLASS ARGS...
    local libs=$1 memory=$2
    shift 2
    "$java" "-Xmx$memory" "-Dlog4j2.configurationFile=$libs/log4j2.properties" -Dlog4j2.disable.jmx=true -cp "$libs/*" "$@"
}

fetch() { # LIBS
    [ -f "$1/.fetched-$version" ] && return 0
    mkdir -p "$1"
    local work
    work=$(mktemp -d)
    cat > "$work/pom.xml" << POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>bench</groupId><artifactId>kafka</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>$version</version></dependency>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>$version</version></dependency>
    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>2.25.4</version></dependency>
  </dependencies>
</project>
POM
    mvn -q -B -f "$work/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.11.0:copy-dependencies \
        -DincludeScope=runtime "-DoutputDirectory=$1" >&2
    cat > "$1/log4j2.properties" << LOG
status=error
appender.c.type=Console
appender.c.name=C
appender.c.target=SYSTEM_ERR
appender.c.layout.type=PatternLayout
appender.c.layout.pattern=%d %p %m%n
rootLogger.level=\${sys:bench.log:-ERROR}
rootLogger.appenderRef.c.ref=C
LOG
    rm -rf "$work"
    touch "$1/.fetched-$version"
}

start() { # LIBS DIR PORT [CPU]
    local libs=$1 dir=$2 port=$3 cpu=${4:-}
    rm -rf "$dir"
    mkdir -p "$dir/data"
    cat > "$dir/server.properties" << CONF
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$((port + 1))
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$((port + 1))
advertised.listeners=PLAINTEXT://127.0.0.1:$port
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs=$dir/data
num.partitions=4
offsets.topic.replication.factor=1
offsets.topic.num.partitions=10
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
CONF
    run_java "$libs" 256m kafka.tools.StorageTool format --cluster-id MkU3OEVBNTcwNTJENDM2Qg -c "$dir/server.properties" > "$dir/format.log" 2>&1
    # The options of kafka-run-class.sh and kafka-server-start.sh.
    ${cpu:+taskset -c "$cpu"} "$java" "-Xms$heap" "-Xmx$heap" -server -XX:+UseG1GC -XX:MaxGCPauseMillis=20 \
        -XX:InitiatingHeapOccupancyPercent=35 -XX:+ExplicitGCInvokesConcurrent -Djava.awt.headless=true \
        "-Dlog4j2.configurationFile=$libs/log4j2.properties" -Dbench.log=INFO -cp "$libs/*" \
        kafka.Kafka "$dir/server.properties" > "$dir/broker.log" 2>&1 &
    echo $! > "$dir/pid"
    for _ in $(seq 240); do
        grep -q 'Kafka Server started' "$dir/broker.log" && exit 0
        sleep 0.25
    done
    echo "Kafka did not come up, see $dir/broker.log" >&2
    exit 1
}

command=${1:-}
[ $# -gt 0 ] && shift
case $command in
    fetch) fetch "$1" ;;
    start) start "$@" ;;
    stop)
        pid=$(cat "$1/pid")
        kill "$pid" 2> /dev/null || true
        while kill -0 "$pid" 2> /dev/null; do sleep 0.2; done
        ;;
    tool)
        libs=$1
        shift
        run_java "$libs" 512m "$@"
        ;;
    *) sed -n '5,7p' "$0" >&2; exit 2 ;;
esac
