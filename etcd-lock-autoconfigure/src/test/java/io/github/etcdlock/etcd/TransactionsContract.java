package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.recipe.EtcdCondition.Relation;
import io.github.etcdlock.recipe.EtcdKey;
import io.github.etcdlock.recipe.EtcdTransaction;
import io.github.etcdlock.recipe.EtcdTransactions;
import io.github.etcdlock.recipe.TransactionConflictException;
import io.github.etcdlock.recipe.TransactionMemory;
import io.github.etcdlock.recipe.TransactionResult;
import io.github.etcdlock.recipe.TransactionResult.Outcome;
import io.github.etcdlock.test.EtcdCluster;
import io.github.etcdlock.test.EtcdContents;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatRuntimeException;

/** What transactions on keys of the application's own promise. */
abstract class TransactionsContract {

	@AutoClose
	private final Managers managers;

	private final EtcdCluster cluster;

	private final String folder;

	private final LeaseManager manager;

	private final EtcdTransactions transactions;

	private final EtcdTransactions others;

	private final EtcdKey<String> a;

	private final EtcdKey<String> b;

	TransactionsContract(EtcdCluster cluster) {
		this.cluster = cluster;
		this.managers = new Managers(cluster);
		this.folder = cluster.freshPrefix() + "/app/";
		this.manager = this.managers.start();
		this.transactions = this.manager.recipes(Managers.TEXT).transactions();
		this.others = this.managers.start().recipes(Managers.TEXT).transactions();
		this.a = EtcdKey.of(this.folder + "a", String.class);
		this.b = EtcdKey.of(this.folder + "b", String.class);
	}

	private TransactionResult put(EtcdKey<String> key, String value) {
		return this.others.commit(EtcdTransaction.when().then(key.put(value)));
	}

	private Optional<String> stored(EtcdKey<String> key) {
		return this.cluster.contents()
			.under(this.folder)
			.stream()
			.filter((stored) -> stored.name().equals(key.name()))
			.map((stored) -> stored.value())
			.findFirst();
	}

	// If, Then, Else

	@Test
	void operationsAreCarriedOutTogetherIfTheConditionsHold() {
		TransactionResult result = this.transactions
			.commit(EtcdTransaction.when(this.a.absent()).then(this.a.put("1"), this.b.put("2")));
		assertThat(result.committed()).isTrue();
		assertThat(stored(this.a)).contains("1");
		assertThat(stored(this.b)).contains("2");
		assertThat(this.cluster.contents().under(this.folder))
			.allMatch((key) -> key.modRevision() == result.revision() && key.lease() == 0);
	}

	@Test
	void moreIsDoneAfterWhatIsDoneAlready() {
		EtcdTransaction transaction = EtcdTransaction.when(this.a.absent())
			.then(this.a.put("1"))
			.then(this.b.put("2"))
			.otherwise(this.a.get())
			.otherwise(this.b.get());
		assertThat(this.transactions.commit(transaction).committed()).isTrue();
		assertThat(stored(this.a)).contains("1");
		assertThat(stored(this.b)).contains("2");
		TransactionResult second = this.transactions.commit(transaction);
		assertThat(second.get(this.a)).isPresent();
		assertThat(second.get(this.b)).isPresent();
	}

	@Test
	void alternativesAreCarriedOutOtherwise() {
		long revision = put(this.a, "1").revision();
		TransactionResult result = this.transactions.commit(EtcdTransaction.when(this.a.hasValue("0"))
			.then(this.a.put("2"))
			.otherwise(this.a.get(), this.b.get(), EtcdKey.of(this.folder + "c", String.class).put("seen")));
		assertThat(result.outcome()).isEqualTo(Outcome.NOT_COMMITTED);
		assertThat(result.get(this.a)).hasValueSatisfying((read) -> {
			assertThat(read.value()).isEqualTo("1");
			assertThat(read.version()).isOne();
			assertThat(read.createRevision()).isEqualTo(revision);
			assertThat(read.modRevision()).isEqualTo(revision);
		});
		assertThat(result.get(this.b)).isEmpty();
		assertThat(this.cluster.contents().under(this.folder)).hasSize(2);
		assertThatIllegalArgumentException()
			.isThrownBy(() -> result.get(EtcdKey.of(this.folder + "other", String.class)))
			.withMessageContaining("get()");
	}

	@Test
	void everythingAboutAKeyCanBeCompared() {
		long created = put(this.a, "m").revision();
		long changed = put(this.a, "n").revision();
		assertThat(this.transactions
			.commit(EtcdTransaction.when(this.a.exists(), this.b.absent(), this.a.version(Relation.EQUAL, 2),
					this.a.version(Relation.GREATER, 1), this.a.createRevision(Relation.EQUAL, created),
					this.a.createRevision(Relation.LESS, changed), this.a.modRevision(Relation.EQUAL, changed),
					this.a.modRevision(Relation.NOT_EQUAL, created), this.a.value(Relation.GREATER, "m"),
					this.a.value(Relation.LESS, "o"), this.a.value(Relation.NOT_EQUAL, "m"), this.a.hasValue("n")))
			.committed()).isTrue();
		assertThat(this.transactions.commit(EtcdTransaction.when(this.b.hasValue(""))).committed()).isFalse();
	}

	@Test
	void transactionsNest() {
		put(this.a, "1");
		EtcdTransaction inner = EtcdTransaction.when(this.b.exists())
			.then(this.b.delete())
			.otherwise(this.b.put("new"), this.a.get());
		TransactionResult result = this.transactions.commit(EtcdTransaction.when(this.a.exists()).then(inner));
		assertThat(result.committed()).isTrue();
		assertThat(result.get(this.a)).hasValueSatisfying((read) -> assertThat(read.value()).isEqualTo("1"));
		assertThat(stored(this.b)).contains("new");
		assertThat(this.transactions.commit(EtcdTransaction.when(this.a.exists()).then(inner)).committed()).isTrue();
		assertThat(stored(this.b)).isEmpty();
	}

	@Test
	void whatIsPutWithTheSessionGoesWithIt() {
		this.transactions.commit(EtcdTransaction.when().then(this.a.putWithSession("here"), this.b.put("stays")));
		assertThat(this.managers.leases()).contains(this.cluster.contents().under(this.folder).get(0).lease());
		this.manager.close();
		assertThat(stored(this.a)).isEmpty();
		assertThat(stored(this.b)).contains("stays");
	}

	@Test
	void auditLeavesKeysOfTheApplicationAlone() throws Exception {
		this.transactions.commit(EtcdTransaction.when().then(this.a.putWithSession("here")));
		EtcdContents before = this.cluster.contents();
		CompletableFuture<Void> audited = new CompletableFuture<>();
		this.manager.engine().loop().run(() -> {
			Audit audit = new Audit(this.manager.engine(), sessionOf(this.manager));
			audit.run();
			this.manager.engine().later(TimeUnit.MILLISECONDS.toNanos(200), audit::run);
			this.manager.engine().later(TimeUnit.MILLISECONDS.toNanos(400), () -> audited.complete(null));
		});
		audited.get(5, TimeUnit.SECONDS);
		assertThat(stored(this.a)).contains("here");
		assertThat(this.cluster.contents().under(this.managers.prefix() + "/.transactions/"))
			.isEqualTo(before.under(this.managers.prefix() + "/.transactions/"))
			.isNotEmpty();
	}

	private static Session sessionOf(LeaseManager manager) {
		return manager.sessions().get(manager.engine().settings().ttl().toSeconds());
	}

	@Test
	void keysOfLocksAreComparedButNotChanged() throws Exception {
		try (LockHandle lock = this.manager.lockTemplate().acquire("guarded")) {
			EtcdKey<String> ownership = EtcdKey.of(lock.ownershipKeys().get(0), String.class);
			assertThat(this.transactions
				.commit(EtcdTransaction.when(ownership.createRevision(Relation.EQUAL, lock.revision()))
					.then(this.a.put("by the holder")))
				.committed()).isTrue();
			assertThatIllegalArgumentException()
				.isThrownBy(() -> this.transactions.commit(EtcdTransaction.when().then(ownership.delete())))
				.withMessageContaining(this.managers.prefix());
			assertThatIllegalArgumentException().isThrownBy(() -> this.transactions.run((memory) -> {
				memory.put(ownership, "mine");
				return null;
			}));
		}
	}

	@Test
	void whatEtcdCannotDoIsSaid() {
		assertThatIllegalArgumentException().isThrownBy(() -> EtcdKey.of("", String.class))
			.withMessageContaining("empty");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.transactions.commit(EtcdTransaction.when().then(this.a.put("1"), this.a.put("2"))))
			.withMessageContaining("duplicate key");
		assertThatIllegalArgumentException().isThrownBy(() -> this.transactions.run((memory) -> {
			for (int i = 0; i < 200; i++) {
				memory.put(EtcdKey.of(this.folder + i, String.class), "x");
			}
			return null;
		})).withMessageContaining("max-txn-ops");
		assertThat(this.cluster.contents().under(this.folder)).isEmpty();
		assertThat(put(this.a, "1").committed()).as("after a refusal").isTrue();
	}

	@Test
	void nothingIsLeftAfterAClose() {
		put(this.a, "1");
		this.transactions.commit(EtcdTransaction.when(this.a.absent()).otherwise(this.b.put("2")));
		this.managers.closeAndLeaveNothing();
	}

	// Memory

	@Test
	void actionSeesOneMomentAndItsOwnChanges() {
		put(this.a, "1");
		put(this.b, "1");
		String seen = this.transactions.run((memory) -> {
			String first = memory.get(this.a).orElseThrow();
			if (first.equals("1")) {
				put(this.a, "2");
				put(this.b, "2");
			}
			assertThat(memory.get(this.b)).as("of the same moment").contains(first);
			assertThat(memory.get(this.a)).as("repeated").contains(first);
			memory.put(this.b, first + "!");
			assertThat(memory.get(this.b)).as("its own").contains(first + "!");
			memory.delete(this.b);
			assertThat(memory.get(this.b)).isEmpty();
			memory.put(this.b, "by " + first);
			return first;
		});
		assertThat(seen).isEqualTo("2");
		assertThat(stored(this.b)).contains("by 2");
	}

	@Test
	void deletedKeysAreGoneAndAbsentOnesAreWatchedToo() {
		put(this.a, "1");
		AtomicInteger runs = new AtomicInteger();
		this.transactions.run((memory) -> {
			if (memory.get(this.b).isEmpty() && runs.incrementAndGet() == 1) {
				put(this.b, "came");
			}
			memory.delete(this.a);
			return null;
		});
		assertThat(runs).as("runs that saw no b").hasValue(1);
		assertThat(stored(this.a)).isEmpty();
	}

	@Test
	void writeSkewIsPrevented() {
		put(this.a, "on");
		put(this.b, "on");
		this.transactions
			.run((memory) -> switchOff(memory, this.a, () -> this.others.run((other) -> switchOff(other, this.b, () -> {
			}))));
		assertThat(List.of(stored(this.a).orElseThrow(), stored(this.b).orElseThrow())).contains("on");
	}

	/** Only while both are on. */
	private @Nullable Void switchOff(TransactionMemory memory, EtcdKey<String> which, Runnable meanwhile) {
		boolean both = memory.get(this.a).orElseThrow().equals("on") && memory.get(this.b).orElseThrow().equals("on");
		if (both) {
			meanwhile.run();
			memory.put(which, "off");
		}
		return null;
	}

	@Test
	void whatIsWrittenWithoutBeingReadConflictsToo() {
		put(this.a, "1");
		AtomicInteger runs = new AtomicInteger();
		this.transactions.run((memory) -> {
			memory.get(this.a);
			if (runs.incrementAndGet() == 1) {
				put(this.b, "theirs");
			}
			memory.put(this.b, "ours");
			return null;
		});
		assertThat(runs).hasValue(2);
		assertThat(stored(this.b)).contains("ours");
	}

	@Test
	void actionThatThrowsChangesNothing() {
		assertThatRuntimeException().isThrownBy(() -> this.transactions.run((memory) -> {
			memory.put(this.a, "1");
			throw new IllegalStateException("no");
		})).withMessage("no");
		assertThat(stored(this.a)).isEmpty();
	}

	@Test
	void memoryEndsWithItsAction() {
		List<TransactionMemory> kept = new ArrayList<>();
		this.transactions.run(kept::add);
		assertThatIllegalStateException().isThrownBy(() -> kept.get(0).get(this.a));
	}

	@Test
	void actionRunsAgainWhenEtcdForgetsItsMoment() {
		put(this.a, "1");
		AtomicInteger runs = new AtomicInteger();
		String seen = this.transactions.run((memory) -> {
			String first = memory.get(this.a).orElseThrow();
			if (runs.incrementAndGet() == 1) {
				put(this.a, "2");
				put(this.b, "2");
				try (Outsider outsider = new Outsider(this.cluster.endpoint())) {
					outsider.compact();
				}
			}
			return first + memory.get(this.b).orElseThrow();
		});
		assertThat(seen).isEqualTo("22");
	}

	@Test
	void conflictsEndWithTheTimeForThem() {
		SteeredClock clock = new SteeredClock();
		EtcdTransactions timed = this.managers.with().clock(clock).start().recipes(Managers.TEXT).transactions();
		AtomicInteger runs = new AtomicInteger();
		assertThatExceptionOfType(TransactionConflictException.class)
			.isThrownBy(() -> timed.run(Duration.ofSeconds(20), (memory) -> {
				memory.put(this.b, memory.get(this.a).orElse(""));
				if (runs.incrementAndGet() == 3) {
					clock.leap(Duration.ofSeconds(20));
				}
				return put(this.a, "run " + runs);
			}))
			.withMessageContaining("Nothing was changed");
		assertThat(runs).hasValue(3);
		assertThat(stored(this.b)).isEmpty();
		assertThatExceptionOfType(TransactionConflictException.class)
			.isThrownBy(() -> this.transactions.run(Duration.ZERO, (memory) -> {
				memory.put(this.b, memory.get(this.a).orElse(""));
				return put(this.a, "again");
			}))
			.withMessageContaining("each of 1 times");
	}

	@Test
	void transfersOfSeveralProcessesKeepTheTotal() throws Exception {
		int accounts = 5;
		List<EtcdKey<String>> bank = new ArrayList<>();
		for (int i = 0; i < accounts; i++) {
			bank.add(EtcdKey.of(this.folder + "account-" + i, String.class));
			put(bank.get(i), "100");
		}
		AtomicInteger made = new AtomicInteger();
		EtcdKey<String> count = EtcdKey.of(this.folder + "count", String.class);
		List<CompletableFuture<Void>> clerks = new ArrayList<>();
		for (int i = 0; i < 4; i++) {
			EtcdTransactions mine = (i % 2 == 0) ? this.transactions : this.others;
			clerks.add(CompletableFuture.runAsync(() -> {
				for (int n = 0; n < 25; n++) {
					int from = ThreadLocalRandom.current().nextInt(accounts);
					mine.run(Duration.ofSeconds(30), (memory) -> {
						move(memory, bank.get(from), bank.get((from + 1) % accounts));
						memory.put(count, Integer.toString(Integer.parseInt(memory.get(count).orElse("0")) + 1));
						return null;
					});
					made.incrementAndGet();
				}
			}, (task) -> new Thread(task, "clerk").start()));
		}
		CompletableFuture.allOf(clerks.toArray(CompletableFuture<?>[]::new)).get(60, TimeUnit.SECONDS);
		int total = this.transactions
			.run((memory) -> bank.stream().mapToInt((account) -> balance(memory, account)).sum());
		assertThat(total).isEqualTo(accounts * 100);
		assertThat(stored(count)).contains(Integer.toString(made.get()));
	}

	private static void move(TransactionMemory memory, EtcdKey<String> from, EtcdKey<String> to) {
		memory.put(from, Integer.toString(balance(memory, from) - 1));
		memory.put(to, Integer.toString(balance(memory, to) + 1));
	}

	private static int balance(TransactionMemory memory, EtcdKey<String> account) {
		return Integer.parseInt(memory.get(account).orElseThrow());
	}

}
