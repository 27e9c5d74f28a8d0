#!/bin/sh
# Compares etcd-lock with the limits of etcd and with other lock libraries: fetches the servers, starts them on free
# ports of the loopback interface with their data in temporary folders, measures for about five minutes, prints one
# table and writes it with charts to etcd-lock-benchmarks/target/benchmarks. "--full" takes forty minutes,
# "--page=etcd-lock-autoconfigure/docs" puts the figures into docs/benchmarks.md; Options.java has the other options.
set -eu
cd "$(dirname "$0")/.."
module=etcd-lock-benchmarks

sh scripts/provision-rivals.sh || echo "benchmark: going on without Redis"
mvn -q -B -pl "$module" -am process-classes
exec java -Xmx1g -cp "$module/target/classes:$(cat "$module/target/classpath")" \
	io.github.etcdlock.benchmarks.Benchmark "--output=$module/target/benchmarks" "$@"
