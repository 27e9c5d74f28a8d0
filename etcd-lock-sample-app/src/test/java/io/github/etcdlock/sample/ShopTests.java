package io.github.etcdlock.sample;

import java.io.IOException;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.github.etcdlock.DistributedLock;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.http.ResponseEntity;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/** Two instances of the shop on one real etcd and one database. */
class ShopTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	private static ConfigurableApplicationContext one;

	private static ConfigurableApplicationContext two;

	@BeforeAll
	static void open() {
		String database = "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1";
		String prefix = etcd.freshPrefix();
		one = open("one", database, prefix);
		two = open("two", database, prefix);
	}

	private static ConfigurableApplicationContext open(String name, String database, String prefix) {
		return new SpringApplicationBuilder(ShopApplication.class, Audit.class).run("--shop.instance=" + name,
				"--server.port=0", "--spring.datasource.url=" + database, "--etcd-lock.endpoints=" + etcd.endpoint(),
				"--etcd-lock.key-prefix=" + prefix);
	}

	@AfterAll
	static void close() {
		two.close();
		one.close();
	}

	@Test
	void bothInstancesOpen() {
		assertThat(one.getBean(Instances.class).all()).extracting(Instances.Instance::name)
			.containsExactlyInAnyOrder("one", "two");
	}

	@Test
	void withoutALockTheShopOversells() {
		SaleResult result = one.getBean(FlashSale.class).run(new SaleOrder(Mode.NONE, 5, 30, 2, 20));
		assertThat(result.unserved()).isZero();
		assertThat(result.oversold()).isPositive();
	}

	@Test
	void underTheLockEveryBuyerSeesWhatTheOneBeforeHasCommitted() {
		SaleResult result = one.getBean(FlashSale.class).run(new SaleOrder(Mode.LOCK, 15, 40, 2, 10));
		Sales sales = one.getBean(Sales.class);
		assertThat(result.unserved()).isZero();
		assertThat(result.sold()).isEqualTo(15);
		assertThat(sales.tokensRise(result.item())).isTrue();
		assertThat(sales.of(result.item())).extracting(Sales.Sold::instance).contains("one", "two");
	}

	@Test
	void whatWasSoldIsPackedOnceInWhicheverInstanceHasTheTime() {
		SaleResult result = one.getBean(FlashSale.class).run(new SaleOrder(Mode.FENCE, 12, 20, 2, 10));
		Warehouse warehouse = two.getBean(Warehouse.class);
		await().until(() -> warehouse.packed(result.item()).stream().mapToInt(Warehouse.Packed::parcels).sum() == 12);
		assertThat(warehouse.packed(result.item())).extracting(Warehouse.Packed::instance).isSubsetOf("one", "two");
	}

	@Test
	void consoleSaysThatEtcdDoesNotAnswer() {
		PageClient page = new PageClient("http://127.0.0.1:" + one.getEnvironment().getProperty("local.server.port"));
		etcd.cluster().pause(0);
		try {
			ResponseEntity<String> answer = page.post("console/release", "{\"key\":\"any\",\"token\":1}");
			assertThat(answer.getStatusCode().value()).as(answer.getBody()).isEqualTo(503);
			assertThat(answer.getBody()).contains("etcd does not answer");
		}
		finally {
			etcd.cluster().resume(0);
		}
	}

	@Test
	void oneInstanceWaitsForTheOther() throws InterruptedException {
		LockTemplate here = one.getBean(LockTemplate.class);
		LockTemplate there = two.getBean(LockTemplate.class);
		try (LockHandle lock = here.acquire("audit")) {
			assertThat(lock.isHeld()).isTrue();
			assertThat(there.tryAcquire("audit")).isEmpty();
		}
		there.tryAcquire("audit").orElseThrow().close();
	}

	@Test
	void aMethodWhoseLockIsTakenAwayEndsWithTheLoss() {
		assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> one.getBean(Audit.class).run("books"))
			.withMessageContaining("audit:books");
		assertThat(one.getBean(Audit.class).sawTheLoss()).isTrue();
	}

	/** A method whose lock an operator takes away while it runs. */
	static class Audit {

		private final LockTemplate locks;

		private volatile boolean sawTheLoss;

		Audit(LockTemplate locks) {
			this.locks = locks;
		}

		@DistributedLock("audit:#{#what}")
		@Transactional
		public void run(String what) throws IOException, InterruptedException {
			LockHandle lock = this.locks.requireHeld("audit:" + what);
			CountDownLatch lost = new CountDownLatch(1);
			lock.onLost(lost::countDown);
			int exit = etcd.cluster().etcdctl("del", lock.ownershipKeys().get(0)).start().waitFor();
			this.sawTheLoss = exit == 0 && lost.await(20, TimeUnit.SECONDS);
		}

		boolean sawTheLoss() {
			return this.sawTheLoss;
		}

	}

}
