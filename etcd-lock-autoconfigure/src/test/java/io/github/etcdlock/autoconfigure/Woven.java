package io.github.etcdlock.autoconfigure;

import java.io.IOException;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.util.concurrent.CompletableFuture;

import io.github.etcdlock.DistributedLock;
import io.github.etcdlock.FencingToken;
import io.github.etcdlock.LeaderOnly;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockNotAcquiredException;
import io.github.etcdlock.LockTemplate;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Makes the compiler add a method that calls the real one. */
interface WovenGeneric<T> {

	String generic(T value);

}

/** Methods that the weaver locks, and some that nothing else could lock. */
class Woven implements WovenGeneric<String> {

	private final LockTemplate locks;

	Woven(LockTemplate locks) {
		this.locks = locks;
	}

	/** What this thread holds. */
	private String held() {
		return this.locks.current().map((lock) -> "held " + lock.keys()).orElse("nothing held");
	}

	@DistributedLock("open")
	String open() {
		return held();
	}

	String callItself() {
		return open();
	}

	String callPrivate() {
		return secret("x");
	}

	@DistributedLock("private:#{#name}")
	private String secret(String name) {
		return held() + name;
	}

	String callFinal() {
		return last();
	}

	@DistributedLock("final")
	final String last() {
		return held();
	}

	@Once
	String composed() {
		return held();
	}

	@DistributedLock("token:#{#name}")
	String token(String name, @FencingToken long token, @Nullable LockHandle lock) {
		return (lock != null && token > 0 && token == lock.fencingToken()) ? "filled" : "empty";
	}

	@Override
	@DistributedLock("generic:#{#value}")
	public String generic(String value) {
		return held();
	}

	String refused() {
		return this.locks.execute("busy", (lock) -> CompletableFuture.supplyAsync(this::busy).join());
	}

	@DistributedLock(key = "busy", waitTime = "0", fallback = "instead")
	private String busy() {
		return "run all the same";
	}

	private String instead(LockNotAcquiredException refusal) {
		return "instead";
	}

	@DistributedLock("stage")
	CompletableFuture<String> stage() {
		return CompletableFuture.supplyAsync(() -> "staged");
	}

	@DistributedLock("publisher")
	Mono<String> publisher() {
		return Mono.just("published");
	}

	@LeaderOnly("woven")
	@DistributedLock("led")
	@Nullable String leading() {
		return held();
	}

	@DistributedLock("fails")
	String fails() throws IOException {
		throw new IOException("as it is");
	}

	@DistributedLock("once")
	@Retention(RetentionPolicy.RUNTIME)
	@interface Once {

	}

	/** A class whose public methods are all locked. */
	@DistributedLock("class")
	static class Whole {

		private final LockTemplate locks;

		Whole(LockTemplate locks) {
			this.locks = locks;
		}

		public String heldIn() {
			return new Woven(this.locks).held();
		}

		public CompletableFuture<String> staged() {
			return CompletableFuture.completedFuture("staged");
		}

		String callItself() {
			return heldIn();
		}

	}

}
