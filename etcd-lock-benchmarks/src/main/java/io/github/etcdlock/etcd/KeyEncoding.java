package io.github.etcdlock.etcd;

import java.util.concurrent.TimeUnit;

import com.google.protobuf.ByteString;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What it costs to turn a lock's name into etcd's bytes. In this package to reach it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class KeyEncoding {

	private final KeySpace keys = new KeySpace("/locks");

	private String plain = "order:4711-0815";

	private String encoded = "Bestellung/Größe 12";

	/**
	 * A name whose characters stand for themselves.
	 * @return its line
	 */
	@Benchmark
	public ByteString plainName() {
		return this.keys.line(this.plain);
	}

	/**
	 * A name with characters that are encoded.
	 * @return its line
	 */
	@Benchmark
	public ByteString encodedName() {
		return this.keys.line(this.encoded);
	}

}
