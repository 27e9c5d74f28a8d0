package io.github.etcdlock.sample;

import io.github.etcdlock.EtcdLockException;
import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockUnavailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/** Where the buyers of this instance are served, in the way of the sale. */
@Component
class Counter {

	private static final Logger logger = LoggerFactory.getLogger(Counter.class);

	private final Shop shop;

	private final NaiveLock naive;

	private final Warehouse warehouse;

	private final Diary diary;

	Counter(Shop shop, NaiveLock naive, Warehouse warehouse, Diary diary) {
		this.shop = shop;
		this.naive = naive;
		this.warehouse = warehouse;
		this.diary = diary;
	}

	Outcome serve(Mode mode, Purchase purchase) {
		this.diary.came(purchase);
		Outcome outcome = buy(mode, purchase);
		this.diary.left(purchase, outcome);
		if (outcome == Outcome.SOLD && mode.isReal()) {
			order(Parcel.of(purchase));
		}
		return outcome;
	}

	/** A real shop would note the order with the sale, and send it from there. */
	private void order(Parcel parcel) {
		try {
			this.warehouse.order(parcel);
		}
		catch (LockUnavailableException ex) {
			logger.warn("What {} has bought may not be packed: {}", parcel.buyer(), ex.getMessage());
		}
	}

	private Outcome buy(Mode mode, Purchase purchase) {
		try {
			boolean bought = switch (mode) {
				case NONE -> this.shop.buyUnprotected(purchase);
				case NAIVE -> this.naive.run(purchase.item(), () -> this.shop.buyUnprotected(purchase));
				case LOCK -> this.shop.buy(purchase, null);
				case FENCE -> this.shop.buyFenced(purchase, null);
			};
			return bought ? Outcome.SOLD : Outcome.SOLD_OUT;
		}
		catch (LateWriteException ex) {
			logger.info("{} came too late to write: {}", purchase.buyer(), ex.getMessage());
			return Outcome.REFUSED;
		}
		catch (LockLostException ex) {
			logger.info("{} lost the lock: {}", purchase.buyer(), ex.getMessage());
			return Outcome.LOST;
		}
		catch (EtcdLockException | IllegalStateException | DataAccessException | TransactionException ex) {
			logger.warn("{} was not served: {}", purchase.buyer(), ex.getMessage());
			return Outcome.FAILED;
		}
	}

}
