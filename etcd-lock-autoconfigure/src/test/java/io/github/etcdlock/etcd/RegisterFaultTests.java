package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.recipe.DistributedCounter;
import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.test.EtcdExtension;
import io.github.etcdlock.test.TcpProxy;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;

/** Counters that many threads use while etcd does not answer. */
class RegisterFaultTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@AutoClose
	private final Managers managers = new Managers(etcd.cluster());

	@AutoClose
	private final TcpProxy link = TcpProxy.to(etcd.endpoint());

	private final Traffic traffic = new Traffic();

	private EtcdRecipes recipes(Duration requestTimeout) {
		return this.managers.with()
			.requestTimeout(requestTimeout)
			.endpoints(List.of(this.link.endpoint()))
			.traffic(this.traffic)
			.start()
			.recipes(Managers.TEXT);
	}

	private static CompletableFuture<Object> begin(Supplier<?> call) {
		return CompletableFuture.supplyAsync(call::get, (task) -> new Thread(task, "user").start());
	}

	@Test
	void threadsDoNotWaitForEachOthersTimeouts() {
		EtcdRecipes recipes = recipes(Duration.ofSeconds(1));
		DistributedCounter counter = recipes.counter("c");
		counter.addAndGet(1);
		LongSupplier ids = recipes.counter("ids").ids(2);
		ids.getAsLong();
		ids.getAsLong();
		this.link.freeze();
		List<CompletableFuture<Object>> users = Stream
			.concat(Stream.generate(() -> begin(() -> counter.addAndGet(1))).limit(20),
					Stream.generate(() -> begin(ids::getAsLong)).limit(20))
			.toList();
		assertThat(CompletableFuture.allOf(users.toArray(CompletableFuture<?>[]::new)))
			.failsWithin(Duration.ofSeconds(6))
			.withThrowableThat()
			.havingCause()
			.isInstanceOf(LockUnavailableException.class);
	}

	@Test
	void readIsNotBehindAChange() {
		DistributedCounter counter = recipes(Duration.ofSeconds(5)).counter("c");
		counter.addAndGet(1);
		Fault slow = this.traffic.fault(Fault.Kind.HOLD_REQUEST,
				(message) -> message.toString().contains("/.counters/c/"));
		CompletableFuture<Object> change = begin(() -> counter.addAndGet(1));
		slow.awaitRequest(Object.class);
		assertThat(counter.get()).isOne();
		assertThat(change).isNotDone();
		slow.release();
		assertThat(change).succeedsWithin(Duration.ofSeconds(10)).isEqualTo(2L);
	}

}
