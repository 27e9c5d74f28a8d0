package io.github.etcdlock.autoconfigure;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.PutOption;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockRequest;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.actuate.ClusterLocks;
import io.github.etcdlock.actuate.EtcdLocksEndpoint;
import io.github.etcdlock.actuate.EtcdLocksEndpointWebExtension;
import io.github.etcdlock.actuate.LocalLock;
import io.github.etcdlock.actuate.LockLine;
import io.github.etcdlock.actuate.Revocation;
import io.github.etcdlock.actuate.WaitForGraph;
import io.github.etcdlock.etcd.LockingProcess;
import io.github.etcdlock.test.ChildJvm;
import io.github.etcdlock.test.EtcdExtension;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.boot.actuate.autoconfigure.endpoint.PropertiesEndpointAccessResolver;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.OperationFilter;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.invoke.convert.ConversionServiceParameterValueMapper;
import org.springframework.boot.actuate.endpoint.web.EndpointMediaTypes;
import org.springframework.boot.actuate.endpoint.web.WebEndpointHttpMethod;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpointDiscoverer;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** What the endpoint shows and does on a real etcd. */
class EtcdLocksEndpointTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	private final List<String> audited = new CopyOnWriteArrayList<>();

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(EtcdLockAutoConfiguration.class, EtcdLocksEndpointAutoConfiguration.class))
		.withPropertyValues("etcd-lock.endpoints=" + etcd.endpoint(), "etcd-lock.key-prefix=" + etcd.freshPrefix(),
				"management.endpoints.web.exposure.include=etcdlocks", "spring.application.name=shop")
		.withInitializer((context) -> context.addApplicationListener(new Auditor(this.audited)));

	private record Auditor(List<String> events) implements ApplicationListener<AuditApplicationEvent> {

		@Override
		public void onApplicationEvent(AuditApplicationEvent event) {
			this.events.add(event.getAuditEvent().getPrincipal() + " " + event.getAuditEvent().getType() + " "
					+ event.getAuditEvent().getData().get("outcome"));
		}

	}

	@Test
	void showsWhoHoldsAndWaitsInTheWholeCluster() {
		this.runner.run((one) -> this.runner.run((other) -> {
			LockHandle lock = one.getBean(LockTemplate.class).acquire("order/7");
			other.getBean(LockTemplate.class)
				.acquireAsync(LockRequest.of("order/7").named("order").waitingUpTo(Duration.ofMinutes(1)));
			EtcdLocksEndpoint endpoint = other.getBean(EtcdLocksEndpoint.class);
			Awaitility.await().until(() -> line(endpoint, "order/7").line().size() == 2);
			LockLine.Place holder = line(endpoint, "order/7").line().get(0);
			assertThat(holder.held()).isTrue();
			assertThat(holder.token()).isEqualTo(lock.fencingToken());
			assertThat(holder.ttlLeft()).isBetween(15L, 30L);
			assertThat(holder.owner()).isNotNull();
			assertThat(holder.owner().application()).isEqualTo("shop");
			assertThat(holder.owner().pid()).isEqualTo(ProcessHandle.current().pid());
			assertThat(line(endpoint, "order/7").line().get(1)).satisfies((waiter) -> {
				assertThat(waiter.held()).isFalse();
				assertThat(waiter.position()).isOne();
				assertThat(waiter.lease()).isNotEqualTo(holder.lease());
			});
			assertThat(endpoint.view("instance")).isInstanceOfSatisfying(EtcdLocksEndpoint.Instance.class,
					(here) -> assertThat(here.locks()).singleElement().satisfies((local) -> {
						assertThat(local.held()).isFalse();
						assertThat(local.name()).isEqualTo("order");
						assertThat(local.thread()).isEqualTo(Thread.currentThread().getName());
					}));
			assertThat(one.getBean(EtcdLocksEndpoint.class).view("instance")).isInstanceOfSatisfying(
					EtcdLocksEndpoint.Instance.class, (here) -> assertThat(here.locks()).singleElement()
						.satisfies((local) -> assertThat(local.token()).isEqualTo(lock.fencingToken())));
			assertThat(endpoint.view("nonsense")).isNull();
			assertThat(line(endpoint, "free").line()).isEmpty();
			assertThat(line(endpoint, "order/7").line()).extracting(LockLine.Place::thread)
				.containsExactly(null, Thread.currentThread().getName());
			assertThat(line(one.getBean(EtcdLocksEndpoint.class), "order/7").line()).extracting(LockLine.Place::thread)
				.containsExactly(Thread.currentThread().getName(), null);
			assertThat(endpoint.locks(null, null, null).locks().get(0).line().get(1).millis()).isNotNegative();
		}));
	}

	private static LockLine line(EtcdLocksEndpoint endpoint, String key) {
		return endpoint.locks(key, null, null).locks().get(0);
	}

	@Test
	void manyLocksComeInParts() {
		this.runner.run((context) -> {
			LockTemplate locks = context.getBean(LockTemplate.class);
			List<String> keys = List.of("-first", "a", "a-b", "a/b", "a0", "b", "z", ".hidden");
			for (String key : keys) {
				locks.acquire(key);
			}
			EtcdLocksEndpoint endpoint = context.getBean(EtcdLocksEndpoint.class);
			List<String> seen = new ArrayList<>();
			String after = null;
			do {
				ClusterLocks.Page page = endpoint.locks(null, after, 3);
				assertThat(page.locks()).hasSizeLessThanOrEqualTo(3);
				page.locks().forEach((line) -> seen.add(line.key()));
				after = page.next();
			}
			while (after != null);
			assertThat(seen).containsExactlyInAnyOrderElementsOf(keys);
			assertThatExceptionOfType(InvalidEndpointRequestException.class)
				.isThrownBy(() -> endpoint.locks(null, null, 0));
		});
	}

	@Test
	void keysOfStrangersDoNotEndThePaging() {
		this.runner.run((context) -> {
			context.getBean(LockTemplate.class).acquire("z");
			String prefix = context.getEnvironment().getProperty("etcd-lock.key-prefix") + "/stranger-";
			KV etcd = context.getBean(Client.class).getKVClient();
			List<CompletableFuture<TxnResponse>> puts = new ArrayList<>();
			for (int i = 0; i < 41; i++) {
				puts.add(etcd.txn().Then(strangers(prefix + i + "-", 100)).commit());
			}
			puts.forEach(CompletableFuture::join);
			ClusterLocks.Page page = context.getBean(EtcdLocksEndpoint.class).locks(null, null, null);
			assertThat(page.locks()).extracting(LockLine::key).containsExactly("z");
			assertThat(page.next()).isNull();
			etcd.delete(ByteSequence.from(prefix, StandardCharsets.UTF_8),
					DeleteOption.builder().isPrefix(true).build())
				.join();
		});
	}

	private static Op[] strangers(String prefix, int count) {
		return IntStream.range(0, count)
			.mapToObj((i) -> Op.put(ByteSequence.from(prefix + i, StandardCharsets.UTF_8), ByteSequence.EMPTY,
					PutOption.DEFAULT))
			.toArray(Op[]::new);
	}

	@Test
	void jvmsThatWaitForEachOtherAreFound() {
		this.runner.run((one) -> {
			String prefix = one.getEnvironment().getProperty("etcd-lock.key-prefix");
			try (ChildJvm other = LockingProcess.start(etcd.endpoint(), prefix, Duration.ofSeconds(30))) {
				one.getBean(LockTemplate.class).acquire("a");
				other.send("acquire b");
				other.expect("acquired");
				one.getBean(LockTemplate.class).acquireAsync(LockRequest.of("b").waitingUpTo(Duration.ofMinutes(1)));
				other.send("wait a");
				Awaitility.await()
					.untilAsserted(() -> assertThat(waits(one).circles()).singleElement()
						.satisfies((circle) -> assertThat(circle).hasSize(2)
							.anyMatch((process) -> process.endsWith(":" + ProcessHandle.current().pid()))
							.anyMatch((process) -> process.endsWith(":" + other.pid()))));
			}
		});
	}

	private static WaitForGraph waits(ApplicationContext context) {
		Object view = context.getBean(EtcdLocksEndpoint.class).view("waits");
		assertThat(view).isInstanceOf(WaitForGraph.class);
		return (WaitForGraph) view;
	}

	@Test
	void processesThatWaitForEachOtherAreFound() {
		this.runner.run((one) -> this.runner.withPropertyValues("spring.application.name=stock").run((other) -> {
			LockTemplate first = one.getBean(LockTemplate.class);
			LockTemplate second = other.getBean(LockTemplate.class);
			first.acquire("a");
			second.acquire("b");
			first.acquireAsync(LockRequest.of("b").waitingUpTo(Duration.ofMinutes(1)));
			second.acquireAsync(LockRequest.of("a").waitingUpTo(Duration.ofMinutes(1)));
			EtcdLocksEndpoint endpoint = one.getBean(EtcdLocksEndpoint.class);
			Awaitility.await()
				.untilAsserted(
						() -> assertThat(endpoint.view("waits")).isInstanceOfSatisfying(WaitForGraph.class, (graph) -> {
							assertThat(graph.complete()).isTrue();
							assertThat(graph.waits()).hasSize(2);
							assertThat(graph.circles()).singleElement()
								.satisfies((circle) -> assertThat(circle).hasSize(2)
									.anyMatch((process) -> process.startsWith("shop@"))
									.anyMatch((process) -> process.startsWith("stock@")));
						}));
		}));
	}

	@Test
	void holderIsAskedPolitely() {
		this.runner.run((context) -> {
			LockHandle lock = context.getBean(LockTemplate.class).acquire("a");
			CompletableFuture<Void> asked = new CompletableFuture<>();
			lock.onRevocationRequested(() -> asked.complete(null));
			WebEndpointResponse<Object> response = context.getBean(EtcdLocksEndpointWebExtension.class)
				.end(SecurityContext.NONE, "a", lock.fencingToken(), null);
			assertThat(response.getStatus()).isEqualTo(200);
			assertThat(response.getBody())
				.isEqualTo(new Revocation("a", lock.fencingToken(), Revocation.Outcome.ASKED));
			Awaitility.await().until(asked::isDone);
			assertThat(lock.isHeld()).isTrue();
			assertThat(this.audited).containsExactly("anonymous ETCD_LOCK_END ASKED");
		});
	}

	@Test
	void lockIsReleasedByForceOnlyWithTheTokenOfItsHolder() {
		this.runner.run((context) -> {
			LockTemplate locks = context.getBean(LockTemplate.class);
			EtcdLocksEndpointWebExtension web = context.getBean(EtcdLocksEndpointWebExtension.class);
			LockHandle former = locks.acquire("a");
			long token = former.fencingToken();
			former.close();
			LockHandle lock = locks.acquire("a");
			assertThat(web.end(SecurityContext.NONE, "a", token, true).getStatus()).isEqualTo(409);
			assertThat(lock.isHeld()).isTrue();
			assertThat(web.end(SecurityContext.NONE, "a", lock.fencingToken(), true).getStatus()).isEqualTo(200);
			Awaitility.await().until(() -> !lock.isHeld());
			assertThat(locks.tryAcquire("a")).isPresent();
			assertThat(this.audited).containsExactly("anonymous ETCD_LOCK_END CONFLICT",
					"anonymous ETCD_LOCK_END RELEASED");
		});
	}

	@Test
	void whatNobodyHeardIsAuditedAndSaid() {
		LockLine.Place holder = new LockLine.Place(0, true, "exclusive", 4096, "/locks/a/1-1", 1, "1", null, null, null,
				null);
		List<Revocation> audited = new ArrayList<>();
		EtcdLocksEndpointWebExtension web = new EtcdLocksEndpointWebExtension(new EtcdLocksEndpoint(
				new Silent(new LockLine("a", List.of(holder))), (principal, revocation) -> audited.add(revocation)));
		WebEndpointResponse<Object> response = web.end(SecurityContext.NONE, "a", 4096, true);
		assertThat(response.getStatus()).isEqualTo(503);
		assertThat(response.getBody()).isEqualTo(new Revocation("a", 4096, Revocation.Outcome.UNKNOWN));
		assertThat(audited).containsExactly((Revocation) response.getBody());
		assertThat(web.locks(null, null, null).getStatus()).isEqualTo(503);
		assertThat(web.locks(null, null, null).getBody()).hasToString("{problem=silent}");
		assertThat(web.view("waits").getStatus()).isEqualTo(503);
		assertThat(web.view("nonsense").getStatus()).isEqualTo(404);
	}

	/** An etcd that shows one lock, and is silent then. */
	private record Silent(LockLine line) implements ClusterLocks {

		@Override
		public Page read(@Nullable String after, int limit) {
			throw new LockUnavailableException("silent", null);
		}

		@Override
		public LockLine read(String key) {
			return this.line;
		}

		@Override
		public List<LocalLock> here() {
			return List.of();
		}

		@Override
		public boolean revoke(LockLine.Place place, boolean force) {
			throw new LockUnavailableException("silent", null);
		}

	}

	@Test
	void locksCanOnlyBeReadUnlessAccessIsGiven() {
		this.runner.run((context) -> assertThat(methods(context)).containsOnly(WebEndpointHttpMethod.GET));
		this.runner.withPropertyValues("management.endpoint.etcdlocks.access=UNRESTRICTED")
			.run((context) -> assertThat(methods(context)).contains(WebEndpointHttpMethod.POST));
	}

	private static List<WebEndpointHttpMethod> methods(ApplicationContext context) {
		return new WebEndpointDiscoverer(context, new ConversionServiceParameterValueMapper(),
				EndpointMediaTypes.DEFAULT, List.of(), List.of(), List.of(), List.of(),
				List.of(OperationFilter.byAccess(new PropertiesEndpointAccessResolver(context.getEnvironment()))))
			.getEndpoints()
			.stream()
			.flatMap((endpoint) -> endpoint.getOperations().stream())
			.map((operation) -> operation.getRequestPredicate().getHttpMethod())
			.toList();
	}

	@Test
	void backsOffWhereItIsNotExposedOrThereIsNoActuatorOrNoEtcd() {
		this.runner.withPropertyValues("management.endpoints.web.exposure.include=health")
			.run((context) -> assertThat(context).doesNotHaveBean(EtcdLocksEndpoint.class));
		this.runner.withClassLoader(new FilteredClassLoader("org.springframework.boot.actuate"))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("etcdLocksEndpoint"));
		this.runner.withPropertyValues("etcd-lock.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(EtcdLocksEndpoint.class));
	}

}
