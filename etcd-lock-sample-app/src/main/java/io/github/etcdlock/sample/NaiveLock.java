package io.github.etcdlock.sample;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.common.exception.ErrorCode;
import io.etcd.jetcd.common.exception.EtcdException;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * The lock of many tutorials, here to be seen failing: put a key that expires if it is
 * absent, delete it at the end. Nobody renews it, so whoever is paused for longer than
 * the time to live goes on beside the next holder, is told nothing, and deletes the key
 * of that one. Do not use it.
 */
@Component
class NaiveLock {

	private static final Logger logger = LoggerFactory.getLogger(NaiveLock.class);

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	/** Longer than a process is paused here. */
	private static final long TIMEOUT_SECONDS = 10;

	private static final long RELEASE_TIMEOUT_SECONDS = 2;

	private final Client etcd;

	private final String prefix;

	private final Duration ttl;

	NaiveLock(Client etcd, @Value("${etcd-lock.key-prefix:/locks}") String prefix,
			@Value("${shop.naive-ttl}") Duration ttl) {
		this.etcd = etcd;
		this.prefix = prefix;
		this.ttl = ttl;
	}

	boolean run(String name, BooleanSupplier action) {
		ByteSequence key = ByteSequence.from(this.prefix + "/.naive/" + name, StandardCharsets.UTF_8);
		long end = System.nanoTime() + PATIENCE.toNanos();
		while (!isFree(key) || !take(key)) {
			if (System.nanoTime() - end > 0) {
				throw new IllegalStateException(
						"The naive lock " + name + " was busy for " + PATIENCE.toSeconds() + " s");
			}
			LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(ThreadLocalRandom.current().nextInt(10, 60)));
		}
		try {
			return action.getAsBoolean();
		}
		finally {
			release(key);
		}
	}

	/** By name alone: whoever comes late deletes the key of another. */
	private void release(ByteSequence key) {
		try {
			answer(this.etcd.getKVClient().delete(key), RELEASE_TIMEOUT_SECONDS);
		}
		catch (IllegalStateException ex) {
			logger.info("The naive lock {} was not released: {}", key, ex.getMessage());
		}
	}

	private boolean isFree(ByteSequence key) {
		return answer(this.etcd.getKVClient().get(key, GetOption.builder().withCountOnly(true).build()))
			.getCount() == 0;
	}

	private boolean take(ByteSequence key) {
		long lease = answer(this.etcd.getLeaseClient().grant(this.ttl.toSeconds())).getID();
		boolean taken = answer(unlessExpired(this.etcd.getKVClient()
			.txn()
			.If(new Cmp(key, Cmp.Op.EQUAL, CmpTarget.createRevision(0)))
			.Then(Op.put(key, key, PutOption.builder().withLeaseId(lease).build()))
			.commit()
			.thenApply(TxnResponse::isSucceeded), false));
		if (!taken) {
			answer(unlessExpired(this.etcd.getLeaseClient().revoke(lease).thenApply((revoked) -> true), true));
		}
		return taken;
	}

	/**
	 * A process that is paused here comes back to a lease that is gone: it tries again.
	 */
	private static CompletableFuture<Boolean> unlessExpired(CompletableFuture<Boolean> answer, boolean otherwise) {
		return answer.exceptionally((failure) -> {
			Throwable cause = (failure instanceof CompletionException) ? failure.getCause() : failure;
			if (cause instanceof EtcdException refusal && refusal.getErrorCode() == ErrorCode.NOT_FOUND) {
				return otherwise;
			}
			throw new CompletionException(cause);
		});
	}

	private static <T> T answer(CompletableFuture<T> answer) {
		return answer(answer, TIMEOUT_SECONDS);
	}

	private static <T> T answer(CompletableFuture<T> answer, long seconds) {
		try {
			return answer.get(seconds, TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while etcd was asked", ex);
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException("etcd refused the naive lock: " + ex.getCause().getMessage(), ex);
		}
		catch (TimeoutException ex) {
			throw new IllegalStateException("etcd did not answer the naive lock", ex);
		}
	}

}
