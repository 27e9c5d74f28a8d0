package io.github.etcdlock.autoconfigure;

import java.time.Duration;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.etcdlock.DistributedLock;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockNotAcquiredException;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.OnBusy;
import io.github.etcdlock.OnLoss;
import io.github.etcdlock.etcd.LeaseManager;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import reactor.blockhound.BlockHound;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * An application that locks publishers on Reactor's threads, from the very first use of
 * etcd, while BlockHound looks out for calls that block. Prints each, then what it did.
 */
final class ReactiveProcess {

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	private static final int MANY = 100;

	private final Queue<String> blocked = new ConcurrentLinkedQueue<>();

	private ReactiveProcess() {
		BlockHound.install((hound) -> {
			hound.blockingMethodCallback(this::blocked);
			// The queues of executors, which Reactor uses in the same way: their own lock
			// is held for a moment only.
			hound.allowBlockingCallsInside("java.util.concurrent.ScheduledThreadPoolExecutor$DelayedWorkQueue",
					"remove");
			hound.allowBlockingCallsInside("java.util.concurrent.LinkedBlockingQueue", "offer");
			hound.allowBlockingCallsInside("java.util.concurrent.ThreadPoolExecutor", "addWorker");
		});
	}

	private void blocked(Object call) {
		StringBuilder where = new StringBuilder(call.toString());
		Arrays.stream(Thread.currentThread().getStackTrace())
			.skip(3)
			.limit(40)
			.forEach((at) -> where.append(" < " + at));
		this.blocked.add(where.toString());
	}

	public static void main(String[] arguments) {
		ReactiveProcess process = new ReactiveProcess();
		process.blockOnPurpose();
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(EtcdLockAutoConfiguration.class, EtcdLockAopAutoConfiguration.class))
			.withPropertyValues("etcd-lock.endpoints=" + arguments[0], "etcd-lock.key-prefix=" + arguments[1],
					"etcd-lock.request-timeout=10s")
			.withBean(Jobs.class)
			.run((context) -> {
				// The probe of the start-up builds gRPC's channels, which reads JARs: not
				// to
				// be in the middle of it.
				context.getBean(LockTemplate.class).acquire("first").close();
				process.run(context.getBean(Jobs.class));
				try (LockHandle taken = context.getBean(LockTemplate.class).acquire("taken")) {
					process.tell("fallback", context.getBean(Jobs.class).withFallback());
				}
			});
		process.blocked.forEach((call) -> System.out.println("blocked " + call));
		System.out.println("blocked in all: " + process.blocked.size());
		System.exit(0);
	}

	/**
	 * Otherwise a lookout that sees nothing would pass for one that has nothing to see.
	 */
	private void blockOnPurpose() {
		Mono.fromCallable(() -> new CountDownLatch(1).await(100, TimeUnit.MILLISECONDS))
			.subscribeOn(Schedulers.parallel())
			.block(PATIENCE);
		System.out.println("on purpose: " + this.blocked.size());
		this.blocked.clear();
	}

	private void run(Jobs jobs) {
		Flux<String> all = Flux.range(0, MANY).flatMap((i) -> jobs.one("hot").subscribeOn(Schedulers.parallel()), MANY);
		System.out.println("done " + all.collectList().block(PATIENCE).size() + ", at once " + jobs.most());
		Flux<String> cut = Flux.range(0, MANY)
			.flatMap((i) -> jobs.one("cut").timeout(Duration.ofMillis(i % 20)).onErrorComplete(), MANY);
		cut.then().block(PATIENCE);
		Flux<String> busy = Flux.range(0, MANY)
			.flatMap(
					(i) -> jobs.skipping()
						.concatWith(jobs.trying().onErrorResume(LockNotAcquiredException.class, (ex) -> Mono.empty())),
					MANY);
		busy.then().block(PATIENCE);
		tell("nested", jobs.around("nest", jobs.one("nest")));
		tell("loss", jobs.losing(null));
		tell("interrupt", jobs.interrupted(null));
	}

	private void tell(String what, Mono<String> work) {
		Mono<String> told = work.onErrorResume(LockLostException.class, (ex) -> Mono.just("lost"));
		System.out.println(what + " " + told.subscribeOn(Schedulers.parallel()).block(PATIENCE));
	}

	static class Jobs {

		private final LeaseManager manager;

		private final AtomicInteger inside = new AtomicInteger();

		private final AtomicInteger most = new AtomicInteger();

		Jobs(LeaseManager manager) {
			this.manager = manager;
		}

		int most() {
			return this.most.get();
		}

		@DistributedLock(key = "#{#key}", waitTime = "30s")
		public Mono<String> one(String key) {
			return Mono.fromRunnable(() -> this.most.accumulateAndGet(this.inside.incrementAndGet(), Math::max))
				.then(Mono.delay(Duration.ofMillis(1)))
				.thenReturn(key)
				.doOnTerminate(this.inside::decrementAndGet)
				.doOnCancel(this.inside::decrementAndGet);
		}

		@DistributedLock(key = "busy", onBusy = OnBusy.SKIP)
		public Flux<String> skipping() {
			return Flux.just("a", "b").delayElements(Duration.ofMillis(1));
		}

		@DistributedLock(key = "busy", waitTime = "5ms")
		public Flux<String> trying() {
			return Flux.just("c", "d").delayElements(Duration.ofMillis(1));
		}

		/** Waits for itself, unless what is inside joins. */
		@DistributedLock("#{#key}")
		public Mono<String> around(String key, Mono<String> inside) {
			return inside;
		}

		@DistributedLock(key = "taken", waitTime = "0", fallback = "instead")
		public Mono<String> withFallback() {
			return Mono.just("ran");
		}

		Mono<String> instead() {
			return Mono.just("instead");
		}

		@DistributedLock("lost")
		public Mono<String> losing(@Nullable LockHandle lock) {
			return takenAway(lock).thenReturn("ran");
		}

		@DistributedLock(key = "lost", onLoss = OnLoss.INTERRUPT)
		public Mono<String> interrupted(@Nullable LockHandle lock) {
			return takenAway(lock).then(Mono.never());
		}

		private Mono<Boolean> takenAway(LockHandle lock) {
			return Mono.fromFuture(() -> this.manager.forceRelease(lock.ownershipKeys().get(0), lock.revision()));
		}

	}

}
