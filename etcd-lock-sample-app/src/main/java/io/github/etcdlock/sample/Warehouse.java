package io.github.etcdlock.sample;

import java.util.List;

import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.recipe.QueueListener;
import io.github.etcdlock.recipe.WorkItem;
import io.github.etcdlock.recipe.WorkOffer;
import io.github.etcdlock.recipe.WorkQueue;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/**
 * Packs what was sold, after the sale and in whichever instance has the time: the orders
 * are in a queue that loses none of them. An order whose packer died is delivered again,
 * so to pack twice must do no harm.
 */
@Service
public class Warehouse {

	/** The name of the queue. */
	static final String ORDERS = "orders";

	private static final int PACKING_MILLIS = 20;

	/** How many parcels an instance has packed. */
	record Packed(String instance, int parcels, int again) {
	}

	private final WorkQueue<Parcel> orders;

	private final JdbcClient database;

	private final Traps traps;

	private final String instance;

	Warehouse(EtcdRecipes etcd, JdbcClient database, Traps traps, @Value("${shop.instance}") String instance) {
		this.orders = etcd.workQueue(ORDERS, Parcel.class);
		this.database = database;
		this.traps = traps;
		this.instance = instance;
	}

	/**
	 * Has a parcel packed, once for each buyer and item.
	 * @param parcel what is to be packed
	 */
	public void order(Parcel parcel) {
		this.orders.offer(WorkOffer.of(parcel).withId(parcel.item() + "/" + parcel.buyer()));
	}

	/**
	 * Packs a parcel.
	 * @param order what is to be packed
	 */
	@QueueListener(queue = ORDERS, concurrency = "2")
	public void pack(WorkItem<Parcel> order) {
		Parcel parcel = order.value();
		if (parcel.address().isBlank()) {
			order.reject("no address to send it to");
			return;
		}
		this.traps.work(Traps.Spot.PACKING, parcel.buyer(), PACKING_MILLIS);
		this.database.sql("merge into parcel (item, buyer, instance, delivery) key (item, buyer) values (?, ?, ?, ?)")
			.param(parcel.item())
			.param(parcel.buyer())
			.param(this.instance)
			.param(order.delivery())
			.update();
	}

	WorkQueue<Parcel> orders() {
		return this.orders;
	}

	/** How many parcels of an item each instance has packed. */
	List<Packed> packed(String item) {
		return this.database.sql("""
				select instance, count(*) as parcels, count(case when delivery > 1 then 1 end) as again
				from parcel where item = ? group by instance order by instance""")
			.param(item)
			.query(Packed.class)
			.list();
	}

}
