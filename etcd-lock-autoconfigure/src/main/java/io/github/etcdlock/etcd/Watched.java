package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Predicate;

import io.etcd.jetcd.api.KeyValue;
import io.github.etcdlock.recipe.UnreadableValueException;
import io.github.etcdlock.recipe.WatchedValue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What somebody makes of a mirror: it is read and told off the loop. */
final class Watched<T> implements WatchedValue<T> {

	private static final Logger logger = LoggerFactory.getLogger(Watched.class);

	/** What the entries mean. */
	interface Reading<T> {

		/** Fails with an {@link UnreadableValueException} if they mean nothing. */
		Optional<T> of(Collection<KeyValue> entries);

	}

	private final Engine engine;

	private final Waits waits;

	private final Mirrors.Range range;

	private final Reading<T> reading;

	/** The listeners' thread, one after the other. */
	private final Loop order;

	private final List<Consumer<Optional<T>>> listeners = new CopyOnWriteArrayList<>();

	private final Set<CompletableFuture<T>> awaited = ConcurrentHashMap.newKeySet();

	private final Consumer<Mirror> user = this::changed;

	private final AtomicBoolean telling = new AtomicBoolean();

	private volatile @Nullable State newest;

	/** Only where the listeners are told. */
	private @Nullable State told;

	private volatile boolean closed;

	Watched(Engine engine, Waits waits, Mirrors.Range range, Reading<T> reading) {
		this.engine = engine;
		this.waits = waits;
		this.range = range;
		this.reading = reading;
		this.order = new Loop(engine.timers().callbacks());
		engine.loop().run(() -> mirror().use(this.user));
	}

	private Mirror mirror() {
		return this.engine.mirror(this.range);
	}

	/** On the loop. */
	private void changed(Mirror mirror) {
		List<KeyValue> entries = List.copyOf(mirror.entries().values());
		State before = this.newest;
		if (before == null || !before.entries.equals(entries)) {
			this.newest = new State(entries);
			if (this.telling.compareAndSet(false, true)) {
				this.order.enqueue(this::tell);
			}
		}
	}

	// What it is

	@Override
	public Optional<T> get() {
		State state = this.newest;
		if (this.closed) {
			throw closedAlready();
		}
		return ((state != null) ? state : first()).value();
	}

	private State first() {
		CompletableFuture<State> there = new CompletableFuture<>();
		this.engine.loop().run(() -> {
			CompletableFuture<State> look = mirror().until((mirror) -> this.newest);
			look.whenComplete((state, failure) -> {
				if (failure != null) {
					there.completeExceptionally(failure);
				}
				else {
					there.complete(state);
				}
			});
			there.whenComplete((state, failure) -> look.cancel(false));
		});
		try {
			return this.waits.answer("read " + this.range, there);
		}
		finally {
			there.cancel(false);
		}
	}

	@Override
	public Optional<T> awaitValue(Predicate<? super T> condition, Duration wait) throws InterruptedException {
		CompletableFuture<T> found = new CompletableFuture<>();
		Consumer<Optional<T>> look = (value) -> value.ifPresent((present) -> {
			try {
				if (condition.test(present)) {
					found.complete(present);
				}
			}
			catch (RuntimeException ex) {
				found.completeExceptionally(ex);
			}
		});
		this.awaited.add(found);
		try {
			State now = this.newest;
			if (now != null) {
				now.readable().ifPresent(look);
			}
			onChange(look);
			if (this.closed) {
				throw closedAlready();
			}
			return this.waits.within(wait, "wait for " + this.range, found);
		}
		finally {
			this.order.enqueue(() -> this.listeners.remove(look));
			this.awaited.remove(found);
		}
	}

	// Who is told

	@Override
	public void onChange(Consumer<Optional<T>> listener) {
		this.order.enqueue(() -> {
			this.listeners.add(listener);
			if (this.told != null) {
				this.told.readable().ifPresent((value) -> tell(listener, value));
			}
		});
	}

	private void tell() {
		this.telling.set(false);
		State state = this.newest;
		if (state != null && state != this.told && !this.closed) {
			this.told = state;
			try {
				Optional<T> value = state.value();
				this.listeners.forEach((listener) -> tell(listener, value));
			}
			catch (UnreadableValueException ex) {
				logger.error("Nobody is told of a change: {}", ex.getMessage(), ex.getCause());
			}
		}
	}

	private void tell(Consumer<Optional<T>> listener, Optional<T> value) {
		try {
			listener.accept(value);
		}
		catch (RuntimeException | Error ex) {
			logger.warn("A listener of {} failed: {}", this.range, listener.getClass().getName(), ex);
		}
	}

	@Override
	public void close() {
		if (!this.closed) {
			this.closed = true;
			this.engine.loop().run(() -> mirror().leave(this.user));
			this.order.enqueue(this.listeners::clear);
			this.awaited.forEach((found) -> found.completeExceptionally(closedAlready()));
		}
	}

	private IllegalStateException closedAlready() {
		return new IllegalStateException("The watch of " + this.range + " was closed");
	}

	/** The entries at one moment, and what they mean once somebody has asked. */
	private final class State {

		private final List<KeyValue> entries;

		private volatile @Nullable Optional<T> value;

		State(List<KeyValue> entries) {
			this.entries = entries;
		}

		Optional<T> value() {
			Optional<T> known = this.value;
			if (known == null) {
				known = Watched.this.reading.of(this.entries);
				this.value = known;
			}
			return known;
		}

		/** Nothing if it cannot be read. */
		Optional<Optional<T>> readable() {
			try {
				return Optional.of(value());
			}
			catch (UnreadableValueException ex) {
				return Optional.empty();
			}
		}

	}

}
