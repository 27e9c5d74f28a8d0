package io.github.etcdlock.etcd;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A copy of everything under a prefix, or of one key, read once and kept up to date by
 * one watch, however many look at it. After an interruption it goes on where it was, or
 * reads again when etcd has forgotten that. Lives on the loop.
 */
final class Mirror implements Watch.Owner {

	private static final Logger logger = LoggerFactory.getLogger(Mirror.class);

	/** Somebody who looks for something in the copy. */
	private final class Look<T> {

		private final Function<Mirror, @Nullable T> test;

		private final CompletableFuture<T> found;

		Look(Function<Mirror, @Nullable T> test, CompletableFuture<T> found) {
			this.test = test;
			this.found = found;
		}

		void again() {
			if (this.found.isDone()) {
				return;
			}
			try {
				T result = this.test.apply(Mirror.this);
				if (result != null) {
					this.found.complete(result);
				}
			}
			catch (RuntimeException ex) {
				this.found.completeExceptionally(ex);
			}
		}

	}

	private final Engine engine;

	private final Mirrors.Range range;

	private final NavigableMap<ByteString, KeyValue> entries = new TreeMap<>(
			ByteString.unsignedLexicographicalComparator());

	private final Set<Consumer<Mirror>> users = new LinkedHashSet<>();

	private final Set<Look<?>> looks = new LinkedHashSet<>();

	private final Horizon horizon = new Horizon();

	private @Nullable Watch watch;

	private @Nullable EtcdFailure failure;

	private long idleSince;

	Mirror(Engine engine, Mirrors.Range range) {
		this.engine = engine;
		this.range = range;
		this.idleSince = engine.clock().nanos();
	}

	Mirrors.Range range() {
		return this.range;
	}

	/** What etcd had at {@link #revision()}, by key. */
	NavigableMap<ByteString, KeyValue> entries() {
		return Collections.unmodifiableNavigableMap(this.entries);
	}

	long revision() {
		return this.horizon.revision();
	}

	/** Whether the copy was read, and a watch shows every change as it comes. */
	boolean current() {
		return this.horizon.current();
	}

	/** Why it cannot be read at present, if that is so. */
	@Nullable EtcdFailure failure() {
		return this.failure;
	}

	// Who uses it

	/** Tells at once, if it is current, and from now on after every change. */
	void use(Consumer<Mirror> whenChanged) {
		this.users.add(whenChanged);
		open();
		if (current()) {
			whenChanged.accept(this);
		}
	}

	void leave(Consumer<Mirror> whenChanged) {
		this.users.remove(whenChanged);
		this.idleSince = this.engine.clock().nanos();
	}

	/**
	 * Looks for something, now and after every change, until it is there or nobody waits
	 * for it any more.
	 * @param test what it looks for; null means that it is not there yet
	 */
	<T> CompletableFuture<T> until(Function<Mirror, @Nullable T> test) {
		CompletableFuture<T> found = new CompletableFuture<>();
		Look<T> look = new Look<>(test, found);
		open();
		if (current()) {
			look.again();
		}
		if (!found.isDone()) {
			this.looks.add(look);
			found.whenComplete((result, failure) -> this.engine.loop().run(() -> {
				this.looks.remove(look);
				this.idleSince = this.engine.clock().nanos();
			}));
		}
		return found;
	}

	boolean used() {
		return !this.users.isEmpty() || !this.looks.isEmpty();
	}

	/** Since when nobody uses it. */
	long idleSince() {
		return this.idleSince;
	}

	void close() {
		if (this.watch != null) {
			this.engine.watches().close(this.watch);
			this.watch = null;
		}
		this.horizon.notRead();
		storeWentBack();
		this.entries.clear();
	}

	// How it stays current

	private void open() {
		if (this.watch == null) {
			this.watch = this.engine.watches().open(this.range.key(), this.range.end(), true, 0, this);
		}
		else {
			this.engine.watches().askAgain(this.watch);
		}
	}

	@Override
	public void watching(long revision) {
		this.horizon.watching(revision);
		settle();
	}

	@Override
	public long resumeFrom() {
		return this.horizon.resumeFrom();
	}

	@Override
	public void refused(EtcdFailure failure) {
		if (this.failure == null || this.failure.passing()) {
			logger.warn("etcd does not let us see {} ({}): whoever watches it is told nothing until the etcd user of "
					+ "this application may read it", this.range, failure.text());
		}
		failed(failure);
	}

	/** What was seen is not what is there any more. */
	void storeWentBack() {
		this.horizon.storeWentBack();
	}

	/** Tells what is new, unless the copy misses something and is to be read first. */
	private void settle() {
		if (current()) {
			this.failure = null;
			List.copyOf(this.users).forEach((user) -> user.accept(this));
			List.copyOf(this.looks).forEach(Look::again);
		}
		else if (this.horizon.gap()) {
			read();
		}
	}

	@Override
	public void changed(List<Event> events) {
		if (this.horizon.reading()) {
			this.horizon.overtaken(events);
		}
		else {
			apply(events);
			settle();
		}
	}

	/** Takes over the changes of one revision. */
	private void apply(List<Event> events) {
		if (!this.horizon.follow(events)) {
			return;
		}
		for (Event event : events) {
			KeyValue entry = event.getKv();
			if (event.getType() == Event.EventType.DELETE) {
				this.entries.remove(entry.getKey());
			}
			else {
				this.entries.put(entry.getKey(), entry);
			}
		}
	}

	private void read() {
		if (this.horizon.reading()) {
			return;
		}
		this.horizon.beginRead();
		Watch asked = this.watch;
		RangeRequest request = RangeRequest.newBuilder().setKey(this.range.key()).setRangeEnd(this.range.end()).build();
		this.engine.store().range(request, this.engine.store().deadline(), (response) -> this.engine.loop().run(() -> {
			if (asked == this.watch) {
				read(response);
			}
		}), (failure) -> this.engine.loop().run(() -> {
			if (asked == this.watch) {
				notRead(failure);
			}
		}));
	}

	private void read(RangeResponse response) {
		this.entries.clear();
		response.getKvsList().forEach((entry) -> this.entries.put(entry.getKey(), entry));
		this.horizon.read(response.getHeader().getRevision(), this::apply);
		settle();
	}

	private void failed(EtcdFailure failure) {
		this.failure = failure;
		if (!failure.passing()) {
			List.copyOf(this.looks).forEach((look) -> look.found.completeExceptionally(failure.unanswered()));
		}
	}

	private void notRead(EtcdFailure failure) {
		this.horizon.notRead();
		failed(failure);
		this.engine.later(this.engine.settings().requestTimeout().toNanos() / 4, this::settle);
	}

}
