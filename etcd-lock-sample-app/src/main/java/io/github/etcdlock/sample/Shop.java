package io.github.etcdlock.sample;

import io.github.etcdlock.DistributedLock;
import io.github.etcdlock.LockTemplate;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Sells items. Both ways to buy do the same in a transaction: look whether there is
 * stock, think a moment, take one. Only the second does it under a lock that holds across
 * all instances, and until the transaction is committed.
 */
@Service
public class Shop {

	private final JdbcClient database;

	private final LockTemplate locks;

	private final String instance;

	/**
	 * Creates the shop.
	 * @param database where stock and sales are
	 * @param locks for the fencing token
	 * @param instance the name of this instance
	 */
	public Shop(JdbcClient database, LockTemplate locks, @Value("${shop.instance}") String instance) {
		this.database = database;
		this.locks = locks;
		this.instance = instance;
	}

	/**
	 * Buys without a lock: two buyers may see the same last piece.
	 * @param item what to buy
	 * @param buyer who buys
	 * @return whether there was any left
	 */
	@Transactional
	public boolean buyUnprotected(String item, String buyer) {
		return buy(item, buyer, null);
	}

	/**
	 * Buys while no other instance does.
	 * @param item what to buy
	 * @param buyer who buys
	 * @return whether there was any left
	 */
	@DistributedLock("sale:#{#item}")
	@Transactional
	public boolean buy(String item, String buyer) {
		return buy(item, buyer, this.locks.requireHeld("sale:" + item).fencingToken());
	}

	private boolean buy(String item, String buyer, @Nullable Long token) {
		int stock = this.database.sql("select stock from item where name = ?")
			.param(item)
			.query(Integer.class)
			.single();
		if (stock == 0) {
			return false;
		}
		think();
		this.database.sql("update item set stock = ? where name = ?").param(stock - 1).param(item).update();
		this.database.sql("insert into sale (item, buyer, instance, token) values (?, ?, ?, ?)")
			.param(item)
			.param(buyer)
			.param(this.instance)
			.param(token)
			.update();
		return true;
	}

	/** What a real shop does here takes time too: a payment, a call to the warehouse. */
	private static void think() {
		try {
			Thread.sleep(10);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while buying", ex);
		}
	}

}
