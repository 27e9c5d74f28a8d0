package io.github.etcdlock.sample;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

import io.github.etcdlock.sample.Instances.Instance;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * Lets misfortune strike a sale at its worst moment, one at a time: when a buyer is being
 * served, after the stock was read and before it is written. Tells in the notes of the
 * sale what happened, and what it means.
 */
@Component
class Breakage {

	private static final Logger logger = LoggerFactory.getLogger(Breakage.class);

	/** On top of the TTL: etcd may take a moment more, and so may the next buyer. */
	private static final Duration PATIENCE = Duration.ofSeconds(5);

	/** What others sell before the one that was struck goes on: enough to be seen. */
	private static final int SOLD_MEANWHILE = 5;

	private static final Duration SALES_PATIENCE = Duration.ofSeconds(2);

	private static final Duration TURNING_AWAY = Duration.ofMillis(500);

	/** Not long: the member that was killed will not answer. */
	private static final Duration ELECTION_LOOK = Duration.ofMillis(200);

	private static final long LOOK_MILLIS = 20;

	private final AtomicBoolean striking = new AtomicBoolean();

	private final FlashSale flashSale;

	private final Sales sales;

	private final Workers workers;

	private final Instances instances;

	private final EtcdStatus etcd;

	private final @Nullable Ensemble ensemble;

	private final Duration ttl;

	Breakage(FlashSale flashSale, Sales sales, Workers workers, Instances instances, EtcdStatus etcd,
			ObjectProvider<Ensemble> ensemble, @Value("${etcd-lock.ttl}") Duration ttl) {
		this.flashSale = flashSale;
		this.sales = sales;
		this.workers = workers;
		this.instances = instances;
		this.etcd = etcd;
		this.ensemble = ensemble.getIfAvailable();
		this.ttl = ttl;
	}

	boolean canKillLeader() {
		return this.ensemble != null;
	}

	boolean isStriking() {
		return this.striking.get();
	}

	/**
	 * Strikes the sale that runs; if none does, one is begun for it.
	 * @param kind what happens
	 * @param name whom it happens to; of no importance where etcd itself is struck
	 * @param order the sale to begin
	 */
	void strike(Misfortune kind, String name, SaleOrder order) {
		Strike strike = (kind == Misfortune.KILL_LEADER) ? leaderStrike() : workerStrike(kind, name);
		if (!this.striking.compareAndSet(false, true)) {
			throw new BusyException("Something is being broken already: one misfortune at a time");
		}
		try {
			strike.prepare();
			Sale sale = this.flashSale.current()
				.filter(Sale::isRunning)
				.orElseGet(() -> this.flashSale.begin(order, (kind == Misfortune.KILL_LEADER) ? "" : name));
			CountDownLatch calm = new CountDownLatch(1);
			sale.strike(calm);
			Thread thread = new Thread(() -> run(strike, sale, kind, name, calm), "breakage");
			thread.setDaemon(true);
			thread.start();
		}
		catch (RuntimeException ex) {
			this.striking.set(false);
			throw ex;
		}
	}

	private void run(Strike strike, Sale sale, Misfortune kind, String name, CountDownLatch calm) {
		try {
			strike.against(sale);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (RuntimeException ex) {
			logger.warn("{} did not work out", kind.label(), ex);
			sale.note("info", name, "That did not work out: " + ex.getMessage());
		}
		finally {
			sale.openDoors();
			calm.countDown();
			this.striking.set(false);
		}
	}

	/** One misfortune: first the trap, then the sale, then the blow. */
	private interface Strike {

		void prepare();

		void against(Sale sale) throws InterruptedException;

	}

	private Strike workerStrike(Misfortune kind, String name) {
		Worker worker = this.workers.find(name);
		Instance instance = this.instances.find(name)
			.orElseThrow(() -> new BusyException("The instance " + name + " is not open yet"));
		RemoteTrap trap = new RemoteTrap(instance, Traps.Spot.SALE);
		return new Strike() {

			@Override
			public void prepare() {
				trap.arm();
			}

			@Override
			public void against(Sale sale) throws InterruptedException {
				Optional<String> buyer = trap.awaitCaught(sale::isRunning);
				sale.openDoors();
				if (buyer.isEmpty()) {
					trap.release();
					sale.note("info", name, Explanations.tooLate(name));
					return;
				}
				// What it has entered in its diary is not to be lost with it.
				await(() -> Breakage.this.sales.isServed(sale.item(), buyer.get()), PATIENCE);
				switch (kind) {
					case PAUSE -> pause(sale, worker, trap, buyer.get());
					case FREEZE -> freeze(sale, worker, trap, buyer.get());
					default -> kill(sale, worker);
				}
			}

		};
	}

	private void pause(Sale sale, Worker worker, RemoteTrap trap, String buyer) throws InterruptedException {
		long now = System.currentTimeMillis();
		worker.pause();
		try {
			sale.note(Misfortune.PAUSE.label(), worker.name(), Explanations.paused(worker.name(), buyer));
			awaitOthers(sale, worker.name(), now);
		}
		finally {
			worker.resume();
			trap.release();
		}
		tellEnd(sale, worker.name(), buyer);
	}

	private void freeze(Sale sale, Worker worker, RemoteTrap trap, String buyer) throws InterruptedException {
		long now = System.currentTimeMillis();
		worker.freeze(true);
		try {
			sale.note(Misfortune.FREEZE.label(), worker.name(), Explanations.frozen(worker.name(), buyer));
			awaitOthers(sale, worker.name(), now);
			trap.release();
			tellEnd(sale, worker.name(), buyer);
		}
		finally {
			worker.freeze(false);
		}
	}

	private void kill(Sale sale, Worker worker) throws InterruptedException {
		long now = System.currentTimeMillis();
		worker.kill();
		this.flashSale.died(sale, worker.name());
		awaitOther(sale, worker.name(), now);
	}

	/** Until others have been served in the place of one, and have sold something. */
	private void awaitOthers(Sale sale, String worker, long time) throws InterruptedException {
		int before = this.sales.sold(sale.item());
		if (awaitOther(sale, worker, time)) {
			await(() -> this.sales.sold(sale.item()) >= before + SOLD_MEANWHILE || this.sales.left(sale.item()) == 0,
					SALES_PATIENCE);
		}
	}

	private boolean awaitOther(Sale sale, String worker, long time) throws InterruptedException {
		if (sale.instances().size() == 1) {
			sale.note("info", worker, Explanations.alone(worker));
		}
		boolean others = await(() -> this.sales.othersSince(sale.item(), worker, time), this.ttl.plus(PATIENCE));
		if (others && sale.order().mode() != Mode.NONE) {
			long millis = System.currentTimeMillis() - time;
			sale.note("info", worker, Explanations.handedOver(worker, sale.order().mode(), millis, this.ttl));
		}
		return others;
	}

	private void tellEnd(Sale sale, String worker, String buyer) throws InterruptedException {
		if (await(() -> this.sales.outcome(sale.item(), buyer) != null, PATIENCE)) {
			Outcome outcome = Outcome.valueOf(String.valueOf(this.sales.outcome(sale.item(), buyer)));
			sale.note("info", worker, Explanations.ended(worker, sale.order().mode(), outcome));
		}
		if (await(() -> this.sales.turnedAway(sale.item(), worker), TURNING_AWAY)) {
			sale.note("info", worker, Explanations.turnedAway(worker, sale.order().mode()));
		}
	}

	private Strike leaderStrike() {
		Ensemble members = this.ensemble;
		if (members == null) {
			throw new BusyException("The leader of etcd can be killed where this page has started three members: "
					+ "start the shop with --shop.members=3");
		}
		return new Strike() {

			@Override
			public void prepare() {
				// etcd can be struck at any moment
			}

			@Override
			public void against(Sale sale) throws InterruptedException {
				await(() -> Breakage.this.sales.othersSince(sale.item(), "", sale.began()), PATIENCE);
				killLeader(sale, members);
			}

		};
	}

	private void killLeader(Sale sale, Ensemble members) throws InterruptedException {
		String endpoint = this.etcd.leader(EtcdStatus.PATIENCE)
			.orElseThrow(() -> new BusyException("etcd has no leader just now"))
			.endpoint();
		long now = System.currentTimeMillis();
		members.kill(endpoint);
		sale.note(Misfortune.KILL_LEADER.label(), "etcd", Explanations.leaderKilled(endpoint));
		boolean elected = await(this::hasLeader, PATIENCE);
		sale.note("info", "etcd",
				elected ? Explanations.leaderElected(System.currentTimeMillis() - now) : "etcd has no new leader yet.");
		members.restart(endpoint);
	}

	private boolean hasLeader() {
		try {
			return this.etcd.leader(ELECTION_LOOK).isPresent();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

	private static boolean await(BooleanSupplier condition, Duration time) throws InterruptedException {
		long end = System.nanoTime() + time.toNanos();
		while (!condition.getAsBoolean()) {
			if (System.nanoTime() > end) {
				return false;
			}
			TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
		}
		return true;
	}

}
