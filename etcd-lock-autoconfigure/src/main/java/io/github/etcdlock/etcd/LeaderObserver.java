package io.github.etcdlock.etcd;

import java.util.Comparator;
import java.util.Optional;
import java.util.function.Consumer;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KeyValue;
import io.github.etcdlock.LockRequest;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells somebody who leads, once at the beginning and whenever it changes, in order and
 * on a thread where it may take its time.
 */
final class LeaderObserver implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(LeaderObserver.class);

	private final Engine engine;

	private final ByteString line;

	private final String name;

	private final Consumer<Optional<String>> onChange;

	private final Loop order;

	private final Consumer<Mirror> changed = this::changed;

	private @Nullable KeyValue leader;

	private boolean told;

	private volatile boolean closed;

	LeaderObserver(Engine engine, ByteString line, String name, Consumer<Optional<String>> onChange) {
		this.engine = engine;
		this.line = line;
		this.name = name;
		this.onChange = onChange;
		this.order = new Loop(engine.timers().callbacks());
	}

	void begin() {
		this.engine.loop().run(() -> this.engine.mirror(this.line).use(this.changed));
	}

	private void changed(Mirror mirror) {
		KeyValue first = mirror.entries()
			.values()
			.stream()
			.min(Comparator.comparingLong(KeyValue::getCreateRevision))
			.orElse(null);
		if (!this.told || !same(first, this.leader)) {
			this.told = true;
			this.leader = first;
			Optional<String> value = Optional.ofNullable(first).map((leader) -> leader.getValue().toStringUtf8());
			this.order.enqueue(() -> tell(value));
		}
	}

	/** The same term, and the leader says the same of itself. */
	private static boolean same(@Nullable KeyValue one, @Nullable KeyValue other) {
		return (one == null || other == null) ? one == other
				: one.getCreateRevision() == other.getCreateRevision() && one.getValue().equals(other.getValue());
	}

	private void tell(Optional<String> value) {
		if (this.closed) {
			return;
		}
		try {
			this.onChange.accept(value);
		}
		catch (RuntimeException | Error ex) {
			logger.warn("An observer of the election {} failed: {}", LockRequest.quote(this.name),
					this.onChange.getClass().getName(), ex);
		}
	}

	@Override
	public void close() {
		this.closed = true;
		this.engine.loop().run(() -> this.engine.mirror(this.line).leave(this.changed));
	}

}
