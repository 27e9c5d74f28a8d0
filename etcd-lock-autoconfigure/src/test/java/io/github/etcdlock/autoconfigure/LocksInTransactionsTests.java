package io.github.etcdlock.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

import io.github.etcdlock.DistributedLock;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockTemplate;
import io.github.etcdlock.OnLoss;
import io.github.etcdlock.etcd.EnclosingTransaction;
import io.github.etcdlock.etcd.LeaseManager;
import io.github.etcdlock.test.EtcdExtension;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionManagerCustomizationAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/** Locks that are taken when a transaction is already there, on a real database. */
class LocksInTransactionsTests {

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(AopAutoConfiguration.class, DataSourceAutoConfiguration.class,
				DataSourceTransactionManagerAutoConfiguration.class, JdbcTemplateAutoConfiguration.class,
				TransactionManagerCustomizationAutoConfiguration.class, EtcdLockTransactionAutoConfiguration.class,
				EtcdLockAutoConfiguration.class, EtcdLockAopAutoConfiguration.class))
		.withUserConfiguration(Transactions.class)
		.withBean(Stock.class);

	private void run(Scenario scenario) {
		this.runner
			.withPropertyValues("etcd-lock.endpoints=" + etcd.endpoint(), "etcd-lock.key-prefix=" + etcd.freshPrefix())
			.run((context) -> scenario.play(new Stage(context)));
	}

	private void runEverywhere(boolean inEtcd, Scenario scenario) {
		if (inEtcd) {
			run(scenario);
		}
		else {
			this.runner.withPropertyValues("etcd-lock.enabled=false")
				.run((context) -> scenario.play(new Stage(context)));
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void secondHolderAlwaysSeesTheCommitOfTheFirst(boolean inEtcd) {
		runEverywhere(inEtcd, (stage) -> {
			Runnable buyers = () -> {
				for (int i = 0; i < 40; i++) {
					stage.inTransaction(stage.stock()::takeOne);
				}
			};
			CompletableFuture<Void> one = CompletableFuture.runAsync(buyers);
			CompletableFuture<Void> other = CompletableFuture.runAsync(buyers);
			CompletableFuture.allOf(one, other).get(30, TimeUnit.SECONDS);
			assertThat(stage.left()).isEqualTo(20);
		});
	}

	@Test
	void secondHolderInAnotherInstanceSeesTheCommitOfTheFirst() {
		ApplicationContextRunner instances = this.runner.withPropertyValues("etcd-lock.endpoints=" + etcd.endpoint(),
				"etcd-lock.key-prefix=" + etcd.freshPrefix(), "spring.datasource.generate-unique-name=false",
				"spring.datasource.name=shared");
		instances.run((first) -> instances.run((second) -> {
			List<CompletableFuture<Void>> buyers = new ArrayList<>();
			for (Stage stage : List.of(new Stage(first), new Stage(second))) {
				buyers.add(CompletableFuture.runAsync(() -> {
					for (int i = 0; i < 40; i++) {
						stage.inTransaction(stage.stock()::takeOne);
					}
				}));
			}
			CompletableFuture.allOf(buyers.toArray(CompletableFuture[]::new)).get(30, TimeUnit.SECONDS);
			assertThat(new Stage(first).left()).isEqualTo(20);
		}));
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void lockIsHeldUntilTheTransactionHasCommitted(boolean inEtcd) {
		runEverywhere(inEtcd, (stage) -> {
			stage.inTransaction(() -> {
				stage.stock().takeOne();
				assertThat(stage.isFree("stock")).isFalse();
				assertThat(stage.locks().current()).isPresent();
				stage.locks().requireHeld("stock");
			});
			assertThat(stage.isFree("stock")).isTrue();
			assertThat(stage.locks().current()).isEmpty();
			assertThatIllegalStateException().isThrownBy(() -> stage.locks().requireHeld("stock"));
		});
	}

	@Test
	void lockIsHeldUntilTheTransactionHasRolledBackThoughTheFailureWasCaught() {
		run((stage) -> {
			stage.transactions().executeWithoutResult((status) -> {
				assertThatIllegalStateException().isThrownBy(() -> stage.locks().execute("stock", (lock) -> {
					throw new IllegalStateException("no");
				}));
				assertThat(stage.isFree("stock")).isFalse();
				status.setRollbackOnly();
			});
			assertThat(stage.isFree("stock")).isTrue();
		});
	}

	@Test
	void laterWorkOfTheTransactionJoinsTheLock() {
		run((stage) -> stage.inTransaction(() -> {
			long token = stage.locks().execute("stock", (lock) -> lock.fencingToken());
			assertThat(stage.locks().execute("stock", (lock) -> lock.fencingToken()).longValue()).isEqualTo(token);
			stage.stock().takeOne();
		}));
	}

	@Test
	void lossBeforeTheCommitRollsBack() {
		run((stage) -> {
			assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> stage.inTransaction(() -> {
				LockHandle lock = stage.locks().<LockHandle, RuntimeException>execute("stock", (held) -> {
					stage.stock().takeOne();
					return held;
				});
				stage.takeAway(lock);
			}))
				.withMessageContaining("The lock \"stock\" was lost")
				.withMessageContaining("before the transaction it was taken in could commit, which is rolled back");
			assertThat(stage.left()).isEqualTo(100);
			assertThat(stage.locks().current()).isEmpty();
			assertThat(stage.isFree("stock")).isTrue();
		});
	}

	@Test
	void lossWhileTheActionRunsRollsBackAtOnce() {
		run((stage) -> {
			assertThatExceptionOfType(LockLostException.class)
				.isThrownBy(() -> stage.inTransaction(() -> stage.locks().executeWithoutResult("stock", (lock) -> {
					stage.stock().takeOne();
					stage.takeAway(lock);
				})))
				.withMessageContaining("Others may have held it since");
			assertThat(stage.left()).isEqualTo(100);
		});
	}

	@Test
	void lossOfALockWhoseFailureWasSwallowedStillRollsBack() {
		run((stage) -> {
			assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> stage.inTransaction(() -> {
				assertThatExceptionOfType(LockLostException.class)
					.isThrownBy(() -> stage.locks().executeWithoutResult("stock", (lock) -> {
						stage.stock().takeOne();
						stage.takeAway(lock);
					}));
			}));
			assertThat(stage.left()).isEqualTo(100);
		});
	}

	@Test
	void whatOthersDoAtTheEndOfTheTransactionTheyDoLocked() {
		run((stage) -> {
			List<String> done = new CopyOnWriteArrayList<>();
			stage.inTransaction(() -> {
				stage.stock().takeOne();
				atTheEnd((phase) -> done.add(phase + (stage.isFree("stock") ? ": free" : ": locked")));
			});
			assertThat(done).containsExactly("before commit: locked", "after commit: locked",
					"after completion: locked");
			assertThat(stage.isFree("stock")).isTrue();
		});
	}

	@Test
	void lossDuringTheCommitIsSaidWhenOthersHaveHeardOfTheCommit() {
		run((stage) -> {
			List<String> done = new CopyOnWriteArrayList<>();
			assertThatExceptionOfType(LockLostException.class)
				.isThrownBy(() -> stage.inTransaction(() -> stage.locks().executeWithoutResult("stock", (lock) -> {
					stage.stock().takeOne();
					atTheEnd((phase) -> {
						done.add(phase);
						if (phase.equals("after commit")) {
							stage.takeAway(lock);
						}
					});
				})))
				.withMessageContaining("while the transaction it was taken in was committed");
			assertThat(done).containsExactly("before commit", "after commit", "after completion");
			assertThat(stage.left()).isEqualTo(99);
			assertThat(stage.locks().current()).isEmpty();
		});
	}

	@Test
	void lossWhileOthersPrepareTheCommitRollsBack() {
		run((stage) -> {
			assertThatExceptionOfType(LockLostException.class)
				.isThrownBy(() -> stage.inTransaction(() -> stage.locks().executeWithoutResult("stock", (lock) -> {
					stage.stock().takeOne();
					atTheEnd((phase) -> {
						if (phase.equals("before commit")) {
							stage.takeAway(lock);
						}
					});
				})))
				.withMessageContaining("before a transaction under it could commit, which is rolled back");
			assertThat(stage.left()).isEqualTo(100);
			assertThat(stage.isFree("stock")).isTrue();
		});
	}

	@Test
	void lossOfTheLockAroundATransactionRollsItBack() {
		run((stage) -> {
			assertThatExceptionOfType(LockLostException.class)
				.isThrownBy(() -> stage.locks().executeWithoutResult("outer", (outer) -> stage.inTransaction(() -> {
					stage.stock().takeOne();
					stage.takeAway(outer);
				})))
				.withMessageContaining("The lock \"outer\" was lost")
				.withMessageContaining("before a transaction under it could commit, which is rolled back");
			assertThat(stage.left()).isEqualTo(100);
		});
	}

	/** As listeners of the application do that were registered after the lock. */
	private static void atTheEnd(Consumer<String> others) {
		TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

			@Override
			public void beforeCommit(boolean readOnly) {
				others.accept("before commit");
			}

			@Override
			public void afterCommit() {
				others.accept("after commit");
			}

			@Override
			public void afterCompletion(int status) {
				others.accept("after completion");
			}

		});
	}

	@Test
	void newTransactionInsideJoinsTheLockOfTheSuspendedOne() {
		run((stage) -> stage.inTransaction(() -> {
			stage.locks().executeWithoutResult("stock", (lock) -> {
			});
			stage.inNewTransaction(stage.stock()::takeOne);
			assertThat(stage.left()).isEqualTo(99);
			assertThat(stage.isFree("stock")).isFalse();
			stage.locks().requireHeld("stock");
		}));
	}

	@Test
	void lockOfANewTransactionInsideEndsWithIt() {
		run((stage) -> stage.inTransaction(() -> {
			stage.locks().executeWithoutResult("outer", (lock) -> {
			});
			stage.inNewTransaction(() -> {
				stage.stock().takeOne();
				assertThat(stage.isFree("stock")).isFalse();
			});
			assertThat(stage.isFree("stock")).isTrue();
			assertThat(stage.isFree("outer")).isFalse();
			assertThat(stage.locks().current())
				.hasValueSatisfying((lock) -> assertThat(lock.keys()).containsExactly("outer"));
		}));
	}

	@Test
	void transactionThatBeginsInsideOfTheLockEndsBeforeIt() {
		run((stage) -> stage.locks().executeWithoutResult("outer", (outer) -> {
			stage.inTransaction(() -> {
				stage.stock().takeOne();
				stage.locks().executeWithoutResult("outer", (joined) -> assertThat(joined).isSameAs(outer));
			});
			assertThat(stage.isFree("stock")).isTrue();
			assertThat(stage.locks().requireHeld("outer").isHeld()).isTrue();
		}));
	}

	@Test
	void lockOfASavepointEndsWithTheTransactionAroundIt() {
		run((stage) -> {
			stage.inTransaction(() -> {
				stage.transactions(TransactionDefinition.PROPAGATION_NESTED).executeWithoutResult((nested) -> {
					stage.stock().takeOne();
					nested.setRollbackOnly();
				});
				assertThat(stage.isFree("stock")).isFalse();
				stage.stock().takeOne();
			});
			assertThat(stage.left()).isEqualTo(99);
			assertThat(stage.isFree("stock")).isTrue();
		});
	}

	@Test
	void lockThatIsTakenWhileTheTransactionIsSuspendedEndsAtOnce() {
		run((stage) -> stage.inTransaction(() -> {
			stage.transactions(TransactionDefinition.PROPAGATION_NOT_SUPPORTED)
				.executeWithoutResult((none) -> stage.stock().takeOne());
			assertThat(stage.isFree("stock")).isTrue();
		}));
	}

	@Test
	void lockOutsideOfATransactionEndsAtOnce() {
		run((stage) -> {
			stage.stock().takeOne();
			assertThat(stage.isFree("stock")).isTrue();
			stage.transactions(TransactionDefinition.PROPAGATION_SUPPORTS)
				.executeWithoutResult((empty) -> stage.stock().takeOne());
			assertThat(stage.isFree("stock")).isTrue();
		});
	}

	@Test
	void handleOfAcquireIsItsOwnersInATransactionToo() {
		run((stage) -> stage.inTransaction(() -> {
			try (LockHandle lock = stage.acquire("stock")) {
				assertThat(lock.isHeld()).isTrue();
			}
			assertThat(stage.isFree("stock")).isTrue();
		}));
	}

	@Test
	void lockOfAStageEndsWithTheStage() {
		run((stage) -> stage.inTransaction(() -> {
			assertThat(stage.stock().count()).succeedsWithin(Duration.ofSeconds(10)).isEqualTo(100);
			assertThat(stage.isFree("stock")).isTrue();
		}));
	}

	@Test
	void lossAfterAnInterruptibleMethodInterruptsNobody() {
		run((stage) -> {
			assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> stage.inTransaction(() -> {
				stage.takeAway(stage.stock().takeOneInterruptibly(null));
				assertThat(Thread.currentThread().isInterrupted()).isFalse();
			}));
			assertThat(Thread.interrupted()).isFalse();
			assertThat(stage.left()).isEqualTo(100);
		});
	}

	@Test
	void withoutSpringTransactionsThereIsNothingToWaitFor() {
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(EtcdLockTransactionAutoConfiguration.class, EtcdLockAutoConfiguration.class))
			.withClassLoader(new FilteredClassLoader(TransactionSynchronizationManager.class))
			.withPropertyValues("etcd-lock.enabled=false")
			.run((context) -> assertThat(context).hasSingleBean(LockTemplate.class)
				.doesNotHaveBean(EnclosingTransaction.class));
	}

	@FunctionalInterface
	interface Scenario {

		void play(Stage stage) throws Exception;

	}

	/** What a test has at hand. */
	record Stage(ApplicationContext context) {

		LockTemplate locks() {
			return this.context.getBean(LockTemplate.class);
		}

		Stock stock() {
			return this.context.getBean(Stock.class);
		}

		int left() {
			return stock().left();
		}

		TransactionTemplate transactions() {
			return transactions(TransactionDefinition.PROPAGATION_REQUIRED);
		}

		TransactionTemplate transactions(int propagation) {
			TransactionTemplate template = new TransactionTemplate(
					this.context.getBean(PlatformTransactionManager.class));
			template.setPropagationBehavior(propagation);
			return template;
		}

		void inTransaction(Runnable work) {
			transactions().executeWithoutResult((status) -> work.run());
		}

		void inNewTransaction(Runnable work) {
			transactions(TransactionDefinition.PROPAGATION_REQUIRES_NEW).executeWithoutResult((status) -> work.run());
		}

		LockHandle acquire(String key) {
			try {
				return locks().acquire(key);
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}

		/** Whether somebody else could take the lock now. */
		boolean isFree(String key) {
			Supplier<Boolean> other = () -> {
				try {
					return locks().tryAcquire(key).map((lock) -> {
						lock.close();
						return true;
					}).orElse(false);
				}
				catch (InterruptedException ex) {
					throw new IllegalStateException(ex);
				}
			};
			return CompletableFuture.supplyAsync(other).orTimeout(30, TimeUnit.SECONDS).join();
		}

		void takeAway(LockHandle lock) {
			LeaseManager manager = this.context.getBean(LeaseManager.class);
			manager.forceRelease(lock.ownershipKeys().get(0), lock.revision()).join();
			Awaitility.await().until(() -> !lock.isHeld());
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement(proxyTargetClass = true)
	static class Transactions {

	}

	static class Stock {

		private final JdbcTemplate jdbc;

		Stock(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
			jdbc.execute("create table if not exists stock (amount int)");
			jdbc.update("insert into stock select 100 where not exists (select 1 from stock)");
		}

		int left() {
			Integer left = this.jdbc.queryForObject("select amount from stock", Integer.class);
			return (left != null) ? left : -1;
		}

		/** Reads, and writes what it has read: right only for one at a time. */
		@DistributedLock("stock")
		@Transactional
		public void takeOne() {
			int left = left();
			this.jdbc.update("update stock set amount = ?", left - 1);
		}

		@DistributedLock(key = "stock", onLoss = OnLoss.INTERRUPT)
		public LockHandle takeOneInterruptibly(@Nullable LockHandle lock) {
			takeOne();
			return lock;
		}

		@DistributedLock("stock")
		public CompletableFuture<Integer> count() {
			return CompletableFuture.completedFuture(left());
		}

	}

}
