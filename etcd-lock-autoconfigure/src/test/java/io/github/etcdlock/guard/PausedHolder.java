package io.github.etcdlock.guard;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockUnavailableException;
import io.github.etcdlock.etcd.EtcdConnection;
import io.github.etcdlock.etcd.LeaseManager;
import io.github.etcdlock.etcd.LockSettings;
import org.h2.jdbcx.JdbcDataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.awaitility.Awaitility.await;

/**
 * The main class of a process that takes one lock for each way to write, sees all of them
 * held, and writes when it is told to, without another look: as a thread does that was
 * paused in between. Arguments: endpoint, prefix, URL of the database.
 */
final class PausedHolder {

	static final Duration TTL = Duration.ofSeconds(8);

	private final Map<Way, Unsuspecting> locks = new EnumMap<>(Way.class);

	private final EtcdTransport etcd;

	private final EtcdGuard guard;

	private final JdbcTemplate jdbc;

	private final TransactionTemplate transactions;

	private final JdbcFence fence;

	PausedHolder(LeaseManager manager, String url) {
		this.etcd = EngineGuard.transport(manager, Duration.ofMinutes(1));
		this.guard = new EtcdGuard(this.etcd);
		JdbcDataSource source = new JdbcDataSource();
		source.setURL(url);
		this.jdbc = new JdbcTemplate(source);
		this.transactions = new TransactionTemplate(new JdbcTransactionManager(source));
		this.fence = new JdbcFence(this.jdbc);
	}

	public static void main(String[] arguments) throws Exception {
		try (LeaseManager manager = manager(arguments[0], arguments[1], "paused")) {
			PausedHolder holder = new PausedHolder(manager, arguments[2]);
			holder.acquireAll(manager);
			holder.writeAll(arguments[1], "early");
			System.out.println("looked " + holder.allHeld());
			new BufferedReader(new InputStreamReader(System.in)).readLine();
			System.out.println("held " + holder.allHeld());
			holder.writeAll(arguments[1], "late");
			System.out.println("done");
		}
	}

	static LeaseManager manager(String endpoint, String prefix, String name) {
		return new LeaseManager(
				new EtcdConnection(List.of(endpoint.replace("http://", "")), null, null, null, Duration.ofSeconds(1)),
				new LockSettings(prefix, Duration.ofSeconds(60), TTL, TTL, Duration.ofSeconds(1), name), List.of());
	}

	void acquireAll(LeaseManager manager) throws InterruptedException {
		// the first request of a JVM can take longer than the TTL of this test
		await().atMost(Duration.ofSeconds(30)).ignoreExceptionsInstanceOf(LockUnavailableException.class).until(() -> {
			manager.lockTemplate().acquire("warm").close();
			return true;
		});
		for (Way way : Way.values()) {
			this.locks.put(way, new Unsuspecting(manager.lockTemplate().acquire(way.name())));
		}
	}

	/** A real look, unlike that of {@link Unsuspecting}. */
	private boolean allHeld() {
		return this.locks.values().stream().allMatch((lock) -> lock.lock().isHeld());
	}

	/** Writes in every way, and says what came of it. */
	void writeAll(String prefix, String text) {
		for (Way way : Way.values()) {
			LockHandle lock = this.locks.get(way);
			System.out.println(text + " " + way + " " + write(way, lock, prefix + "-data/" + way, text));
		}
	}

	private String write(Way way, LockHandle lock, String key, String text) {
		return switch (way) {
			case ETCD_UNGUARDED -> putWithoutGuard(key, text);
			case ETCD_GUARD -> this.guard.write(lock).put(key, text).commit().name();
			case JDBC_UNGUARDED -> inTransaction(() -> update(way, text));
			case JDBC_FENCE -> inTransaction(() -> {
				this.fence.admit(lock);
				update(way, text);
			});
			case OWN_COLUMN -> inTransaction(() -> updateIfLatest(way, text, lock.fencingToken()));
		};
	}

	private String putWithoutGuard(String key, String text) {
		this.etcd
			.transact(TxnRequest.newBuilder()
				.addSuccess(RequestOp.newBuilder()
					.setRequestPut(PutRequest.newBuilder()
						.setKey(ByteString.copyFromUtf8(key))
						.setValue(ByteString.copyFromUtf8(text))))
				.build())
			.join();
		return "written";
	}

	private String inTransaction(Runnable work) {
		try {
			this.transactions.executeWithoutResult((status) -> work.run());
			return "written";
		}
		catch (LockLostException ex) {
			return "refused";
		}
	}

	private void update(Way way, String text) {
		this.jdbc.update("update account set text = ? where id = ?", text, way.name());
	}

	/** What the README shows for a column of one's own. */
	private void updateIfLatest(Way way, String text, long token) {
		int rows = this.jdbc.update("update account set text = ?, token = ? where id = ? and token <= ?", text, token,
				way.name(), token);
		if (rows == 0) {
			throw new LockLostException("A later holder has written");
		}
	}

	/** How to write what a lock protects. */
	enum Way {

		ETCD_UNGUARDED, ETCD_GUARD, JDBC_UNGUARDED, JDBC_FENCE, OWN_COLUMN

	}

}
