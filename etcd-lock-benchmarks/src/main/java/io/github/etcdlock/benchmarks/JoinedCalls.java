package io.github.etcdlock.benchmarks;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.github.etcdlock.DistributedLock;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.aop.DistributedLockAdvisor;
import io.github.etcdlock.embedded.EmbeddedEtcd;
import io.github.etcdlock.etcd.EtcdConnection;
import io.github.etcdlock.etcd.LeaseManager;
import io.github.etcdlock.etcd.LockSettings;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.core.env.StandardEnvironment;

/**
 * Calls that join a lock which their thread holds, so that nothing of them is etcd's. So
 * many of them share one lock that its own cost does not show.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class JoinedCalls {

	private static final int CALLS = 200_000;

	private static final String KEY = "joined";

	private final EmbeddedEtcd etcd = EmbeddedEtcd.builder().start();

	private final LeaseManager manager = new LeaseManager(
			new EtcdConnection(List.of(this.etcd.endpoint().substring("http://".length())), null, null, null,
					Duration.ofSeconds(10)),
			new LockSettings("/bench", Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(10),
					Duration.ofSeconds(10), "benchmark"),
			List.of());

	private final LockTemplate template = this.manager.lockTemplate();

	private Service plain = new Service();

	private Service locked = new Service();

	/** Puts the aspect around the service. */
	@Setup
	public void proxy() {
		ProxyFactory factory = new ProxyFactory(this.locked);
		factory.setProxyTargetClass(true);
		factory.addAdvisor(new DistributedLockAdvisor(new StandardEnvironment(), null, true, () -> this.template, 0));
		this.locked = (Service) factory.getProxy();
	}

	/** Ends etcd. */
	@TearDown
	public void close() {
		this.manager.close();
		this.etcd.close();
	}

	/**
	 * A nested {@code execute} with the same key.
	 * @return a number, so that nothing is left out
	 */
	@Benchmark
	@OperationsPerInvocation(CALLS)
	public int joinedExecute() {
		return this.template.execute(KEY, (outer) -> {
			int sum = 0;
			for (int i = 0; i < CALLS; i++) {
				int number = i;
				sum += this.template.execute(KEY, (inner) -> this.plain.work(number));
			}
			return sum;
		});
	}

	/**
	 * A nested call of an annotated method with a literal key.
	 * @return a number, so that nothing is left out
	 */
	@Benchmark
	@OperationsPerInvocation(CALLS)
	public int joinedAnnotatedCall() {
		return this.template.execute(KEY, (outer) -> {
			int sum = 0;
			for (int i = 0; i < CALLS; i++) {
				sum += this.locked.annotated(i);
			}
			return sum;
		});
	}

	/**
	 * A nested call of an annotated method whose key is an expression.
	 * @return a number, so that nothing is left out
	 */
	@Benchmark
	@OperationsPerInvocation(CALLS)
	public int joinedAnnotatedCallWithExpression() {
		return this.template.execute(KEY, (outer) -> {
			int sum = 0;
			for (int i = 0; i < CALLS; i++) {
				sum += this.locked.expressed(KEY, i);
			}
			return sum;
		});
	}

	/** What is locked. */
	public static class Service {

		int work(int number) {
			return number ^ 0x55;
		}

		/**
		 * Work under a lock.
		 * @param number a number
		 * @return another one
		 */
		@DistributedLock(KEY)
		public int annotated(int number) {
			return work(number);
		}

		/**
		 * Work under a lock.
		 * @param name the key
		 * @param number a number
		 * @return another one
		 */
		@DistributedLock("#{#name}")
		public int expressed(String name, int number) {
			return work(number);
		}

	}

}
