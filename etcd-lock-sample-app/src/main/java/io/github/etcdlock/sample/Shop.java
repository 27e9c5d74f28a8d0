package io.github.etcdlock.sample;

import io.github.etcdlock.DistributedLock;
import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.guard.JdbcFence;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Sells items. All ways to buy do the same in a transaction: look whether there is stock,
 * work a moment, take one. Some do it under a lock that holds across all instances, and
 * until the transaction is committed.
 */
@Service
public class Shop {

	private final JdbcClient database;

	private final JdbcFence fence;

	private final Diary diary;

	private final Traps traps;

	private final String instance;

	Shop(JdbcClient database, JdbcFence fence, Diary diary, Traps traps, @Value("${shop.instance}") String instance) {
		this.database = database;
		this.fence = fence;
		this.diary = diary;
		this.traps = traps;
		this.instance = instance;
	}

	/**
	 * Buys without a lock of this library: what keeps others out, if anything, is up to
	 * the caller.
	 * @param purchase what is bought, and by whom
	 * @return whether there was any left
	 */
	@Transactional
	public boolean buyUnprotected(Purchase purchase) {
		return serve(purchase, null);
	}

	/**
	 * Buys while no other instance does.
	 * @param purchase what is bought, and by whom
	 * @param lock comes with the lock, whatever the caller passes
	 * @return whether there was any left
	 */
	@DistributedLock("sale:#{#purchase.item}")
	@Transactional
	public boolean buy(Purchase purchase, @Nullable LockHandle lock) {
		return serve(purchase, held(lock).fencingToken());
	}

	/**
	 * Buys while no other instance does, and writes only if no later holder has written.
	 * @param purchase what is bought, and by whom
	 * @param lock comes with the lock, whatever the caller passes
	 * @return whether there was any left
	 * @throws LateWriteException if a later holder has written
	 */
	@DistributedLock("sale:#{#purchase.item}")
	@Transactional
	public boolean buyFenced(Purchase purchase, @Nullable LockHandle lock) {
		LockHandle held = held(lock);
		this.diary.holds(purchase, held.fencingToken());
		try {
			if (stock(purchase) == 0) {
				return false;
			}
			work(purchase);
			admit(held);
			// Read anew: what the fence has admitted, it also keeps others from changing.
			int stock = stock(purchase);
			if (stock > 0) {
				sell(purchase, stock, held.fencingToken());
			}
			return stock > 0;
		}
		finally {
			this.diary.done(purchase);
		}
	}

	/**
	 * By the token alone, so that one sees the database refuse it.
	 * {@code admit(LockHandle)} asks the lock as well, and a late writer that knows of
	 * its loss already does not come so far.
	 */
	private void admit(LockHandle lock) {
		try {
			lock.keys().forEach((key) -> this.fence.admit(key, lock.mode(), lock.fencingToken()));
		}
		catch (LockLostException ex) {
			throw new LateWriteException(ex);
		}
	}

	private static LockHandle held(@Nullable LockHandle lock) {
		if (lock == null) {
			throw new IllegalStateException("A purchase was not under its lock: call the shop through its proxy");
		}
		return lock;
	}

	/** What is read here is old as soon as somebody else may write. */
	private boolean serve(Purchase purchase, @Nullable Long token) {
		this.diary.holds(purchase, token);
		try {
			int stock = stock(purchase);
			if (stock == 0) {
				return false;
			}
			work(purchase);
			sell(purchase, stock, token);
			return true;
		}
		finally {
			this.diary.done(purchase);
		}
	}

	private int stock(Purchase purchase) {
		return this.database.sql("select stock from item where name = ?")
			.param(purchase.item())
			.query(Integer.class)
			.single();
	}

	private void work(Purchase purchase) {
		this.traps.work(Traps.Spot.SALE, purchase.buyer(), purchase.workMillis());
	}

	private void sell(Purchase purchase, int stock, @Nullable Long token) {
		this.database.sql("update item set stock = ? where name = ?").param(stock - 1).param(purchase.item()).update();
		this.database.sql("insert into sale (item, buyer, instance, token) values (?, ?, ?, ?)")
			.param(purchase.item())
			.param(purchase.buyer())
			.param(this.instance)
			.param(token)
			.update();
	}

}
