package io.github.etcdlock.sample;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.etcdlock.sample.Instances.Instance;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.stereotype.Component;

/** Orders for the warehouses of all instances, one of which can be killed at its work. */
@Component
class Packing {

	private static final Logger logger = LoggerFactory.getLogger(Packing.class);

	private static final int MOST_ORDERS = 500;

	/** How the orders of the latest batch fare. */
	record View(String item, int ordered, int packed, int again, List<Warehouse.Packed> instances, List<String> notes) {
	}

	private final AtomicInteger number = new AtomicInteger();

	private final List<String> notes = new CopyOnWriteArrayList<>();

	private final Warehouse warehouse;

	private final Workers workers;

	private final Instances instances;

	private volatile String item = "";

	private volatile int ordered;

	Packing(Warehouse warehouse, Workers workers, Instances instances) {
		this.warehouse = warehouse;
		this.workers = workers;
		this.instances = instances;
	}

	/** Sends orders, and one more that nobody can pack if so wanted. */
	synchronized void order(int orders, boolean unpackable) {
		if (orders < 1 || orders > MOST_ORDERS) {
			throw new IllegalArgumentException("Orders can be 1 to " + MOST_ORDERS + ", but are " + orders);
		}
		String batch = "batch-" + this.number.incrementAndGet();
		this.item = batch;
		this.ordered = orders;
		this.notes.clear();
		List<Parcel> parcels = new ArrayList<>();
		for (int i = 1; i <= orders; i++) {
			parcels.add(new Parcel(batch, "order-" + i, "Main Street " + i));
		}
		if (unpackable) {
			parcels.add(new Parcel(batch, "order-nowhere", ""));
		}
		parcels.parallelStream().forEach(this.warehouse::order);
	}

	/** Kills an instance that has received an order and not yet acknowledged it. */
	synchronized void killPacker(String name, int orders) {
		Worker worker = this.workers.find(name);
		Instance instance = this.instances.find(name)
			.orElseThrow(() -> new BusyException("The instance " + name + " is not open yet"));
		RemoteTrap trap = new RemoteTrap(instance, Traps.Spot.PACKING);
		trap.arm();
		order(orders, false);
		Thread thread = new Thread(() -> kill(worker, trap), "packing-breakage");
		thread.setDaemon(true);
		thread.start();
	}

	private void kill(Worker worker, RemoteTrap trap) {
		try {
			String order = trap.awaitCaught(this::isUnderWay).orElse("");
			if (order.isEmpty()) {
				trap.release();
				this.notes.add("All was packed before " + worker.name() + " received anything.");
				return;
			}
			worker.kill();
			this.notes.add("Instance " + worker.name() + " was killed while it packed " + order
					+ ": when its TTL is over, others receive what it had.");
		}
		catch (RuntimeException ex) {
			logger.warn("A packer could not be killed", ex);
			this.notes.add("That did not work out: " + ex.getMessage());
		}
	}

	private boolean isUnderWay() {
		View view = view();
		return view.packed() < view.ordered();
	}

	View view() {
		List<Warehouse.Packed> packed = this.warehouse.packed(this.item);
		return new View(this.item, this.ordered, packed.stream().mapToInt(Warehouse.Packed::parcels).sum(),
				packed.stream().mapToInt(Warehouse.Packed::again).sum(), packed, List.copyOf(this.notes));
	}

}
