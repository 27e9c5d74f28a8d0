package io.github.etcdlock.sample;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Enters into the table of visits what happens to the buyers of this instance, for the
 * timeline. In the background and outside their transactions, so that nobody waits for it
 * and nothing of it is rolled back.
 */
@Component
class Diary implements DisposableBean {

	private static final Logger logger = LoggerFactory.getLogger(Diary.class);

	private final ExecutorService writer = Executors.newSingleThreadExecutor((task) -> new Thread(task, "diary"));

	private final JdbcClient database;

	private final String instance;

	Diary(JdbcClient database, @Value("${shop.instance}") String instance) {
		this.database = database;
		this.instance = instance;
	}

	void came(Purchase purchase) {
		long now = System.currentTimeMillis();
		enter(() -> this.database.sql("insert into visit (item, buyer, instance, came) values (?, ?, ?, ?)")
			.params(purchase.item(), purchase.buyer(), this.instance, now)
			.update());
	}

	void holds(Purchase purchase, @Nullable Long token) {
		long now = System.currentTimeMillis();
		enter(() -> this.database.sql("update visit set held = ?, token = ? where item = ? and buyer = ?")
			.param(now)
			.param(token)
			.param(purchase.item())
			.param(purchase.buyer())
			.update());
	}

	/**
	 * From now on others may be served: all that follows is the commit and the release.
	 */
	void done(Purchase purchase) {
		long now = System.currentTimeMillis();
		enter(() -> this.database.sql("update visit set done = ? where item = ? and buyer = ?")
			.params(now, purchase.item(), purchase.buyer())
			.update());
	}

	void left(Purchase purchase, Outcome outcome) {
		long now = System.currentTimeMillis();
		enter(() -> this.database.sql("update visit set ended = ?, outcome = ? where item = ? and buyer = ?")
			.params(now, outcome.name(), purchase.item(), purchase.buyer())
			.update());
	}

	private void enter(Runnable entry) {
		this.writer.execute(() -> {
			try {
				entry.run();
			}
			catch (DataAccessException ex) {
				logger.warn("The timeline lacks an entry: {}", ex.getMessage());
			}
		});
	}

	@Override
	public void destroy() {
		this.writer.shutdown();
	}

}
