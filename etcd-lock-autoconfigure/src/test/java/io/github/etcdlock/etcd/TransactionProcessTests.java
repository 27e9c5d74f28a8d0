package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

import io.github.etcdlock.recipe.EtcdKey;
import io.github.etcdlock.recipe.EtcdTransactions;
import io.github.etcdlock.recipe.TransactionMemory;
import io.github.etcdlock.test.ChildJvm;
import io.github.etcdlock.test.EtcdExtension;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;

/** Transactions of processes that are killed in the middle of them. */
class TransactionProcessTests {

	private static final int ACCOUNTS = 4;

	private static final int TRANSFERS = 40;

	@RegisterExtension
	static final EtcdExtension etcd = new EtcdExtension();

	@AutoClose
	private final Managers managers = new Managers(etcd.cluster());

	private final String folder = etcd.freshPrefix() + "/bank/";

	private final EtcdTransactions transactions = this.managers.start().recipes(Managers.TEXT).transactions();

	private ChildJvm clerk(String name) {
		return ChildJvm.start(Clerk.class, etcd.endpoint(), this.managers.prefix(), this.folder, name);
	}

	@Test
	void transfersOfProcessesKeepTheTotalAlsoWhenOneIsKilled() {
		try (ChildJvm steady = clerk("steady"); ChildJvm doomed = clerk("doomed")) {
			int told = Integer.parseInt(doomed.expect("made "));
			steady.expect("made ");
			Clerk here = new Clerk(this.transactions, this.folder, "here");
			IntStream.range(0, TRANSFERS).forEach((i) -> here.transfer());
			doomed.kill();
			steady.expect("done");
			assertThat(here.total()).isZero();
			assertThat(here.made("here")).isEqualTo(TRANSFERS);
			assertThat(here.made("steady")).isEqualTo(TRANSFERS);
			assertThat(here.made("doomed")).isGreaterThanOrEqualTo(told).isLessThanOrEqualTo(TRANSFERS);
		}
	}

	/** Moves money between accounts, and counts how often. */
	static final class Clerk {

		private final EtcdTransactions transactions;

		private final String folder;

		private final String name;

		private int next;

		Clerk(EtcdTransactions transactions, String folder, String name) {
			this.transactions = transactions;
			this.folder = folder;
			this.name = name;
		}

		public static void main(String[] arguments) {
			EtcdConnection connection = new EtcdConnection(List.of(arguments[0].replace("http://", "")), null, null,
					null, Duration.ofSeconds(3));
			LockSettings settings = new LockSettings(arguments[1], Duration.ofSeconds(10), Duration.ofSeconds(30),
					Duration.ofSeconds(10), Duration.ofSeconds(5), "clerk");
			try (LeaseManager manager = new LeaseManager(connection, settings, List.of())) {
				Clerk clerk = new Clerk(manager.recipes(Managers.TEXT).transactions(), arguments[2], arguments[3]);
				for (int i = 1; i <= TRANSFERS; i++) {
					clerk.transfer();
					System.out.println("made " + i);
				}
				System.out.println("done");
			}
		}

		void transfer() {
			int from = this.next++ % ACCOUNTS;
			this.transactions.run(Duration.ofMinutes(1), (memory) -> {
				change(memory, "account-" + from, -1);
				change(memory, "account-" + this.next % ACCOUNTS, 1);
				change(memory, "made-" + this.name, 1);
				return null;
			});
		}

		private void change(TransactionMemory memory, String name, int by) {
			memory.put(key(name), Integer.toString(number(memory, name) + by));
		}

		private int number(TransactionMemory memory, String name) {
			return Integer.parseInt(memory.get(key(name)).orElse("0"));
		}

		private EtcdKey<String> key(String name) {
			return EtcdKey.of(this.folder + name, String.class);
		}

		int made(String clerk) {
			return this.transactions.run((memory) -> number(memory, "made-" + clerk));
		}

		int total() {
			return this.transactions
				.run((memory) -> IntStream.range(0, ACCOUNTS).map((i) -> number(memory, "account-" + i)).sum());
		}

	}

}
