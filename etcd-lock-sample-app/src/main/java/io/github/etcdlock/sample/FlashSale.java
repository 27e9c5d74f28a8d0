package io.github.etcdlock.sample;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

import io.github.etcdlock.sample.Instances.Instance;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.stereotype.Component;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;

/** Sends a crowd of buyers to several instances at once. One sale at a time. */
@Component
class FlashSale {

	private static final Logger logger = LoggerFactory.getLogger(FlashSale.class);

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private static final Duration LOOK = Duration.ofMillis(20);

	private final RestClient http = RestClient.create();

	private final List<SaleResult> results = new CopyOnWriteArrayList<>();

	private final ThreadFactory organizers = (task) -> {
		Thread thread = new Thread(task, "flash-sale");
		thread.setDaemon(true);
		return thread;
	};

	private final Sales sales;

	private final Workers workers;

	private volatile @Nullable Sale current;

	FlashSale(Sales sales, Workers workers) {
		this.sales = sales;
		this.workers = workers;
	}

	/** Holds a sale in the background. */
	Sale begin(SaleOrder order) {
		return begin(order, "");
	}

	/** Holds a sale to which the buyers of one instance come first. */
	Sale begin(SaleOrder order, String first) {
		Sale sale = announce(order, first);
		this.organizers.newThread(() -> hold(sale)).start();
		return sale;
	}

	/** Holds a sale, and tells how it went. */
	SaleResult run(SaleOrder order) {
		return hold(announce(order, ""));
	}

	/** An instance has died: what it was doing for buyers of a sale is at an end. */
	void died(Sale sale, String instance) {
		if (sale.dies(instance)) {
			sale.note(Misfortune.KILL.label(), instance, Explanations.died(instance, sale.order().mode()));
			this.sales.killed(instance);
		}
	}

	/** The sale that runs, or the latest one. */
	Optional<Sale> current() {
		return Optional.ofNullable(this.current);
	}

	/** How all sales went, the latest last. */
	List<SaleResult> results() {
		return List.copyOf(this.results);
	}

	private synchronized Sale announce(SaleOrder order, String first) {
		if (this.current != null && this.current.isRunning()) {
			throw new BusyException("A sale is running: wait for its end");
		}
		Sale sale = new Sale(this.sales.nextItem(), order, first);
		this.current = sale;
		return sale;
	}

	private SaleResult hold(Sale sale) {
		try {
			List<Instance> open = this.workers.atLeast(sale.order().instances(), sale.first());
			this.sales.offer(sale.item(), sale.order().stock());
			sale.begin(open.stream().map(Instance::name).toList());
			send(sale, open);
			sale.end();
			sale.awaitCalm();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			sale.fail("interrupted");
		}
		catch (RuntimeException ex) {
			logger.warn("A sale was broken off", ex);
			sale.fail(String.valueOf(ex.getMessage()));
		}
		SaleResult result = SaleResult.of(this.sales.view(sale));
		this.results.add(result);
		return result;
	}

	private void send(Sale sale, List<Instance> open) throws InterruptedException {
		ExecutorService crowd = Executors.newFixedThreadPool(sale.order().buyers());
		try {
			List<Future<?>> visits = new ArrayList<>();
			for (int buyer = 1; buyer <= sale.order().buyers(); buyer++) {
				Instance instance = open.get(buyer % open.size());
				String name = "buyer-" + buyer;
				visits.add(crowd.submit(() -> visit(instance, sale, name)));
			}
			int unserved = 0;
			for (Future<?> visit : visits) {
				unserved += ended(visit) ? 0 : 1;
			}
			awaitDiaries(sale, sale.order().buyers() - unserved);
		}
		finally {
			crowd.shutdown();
		}
	}

	private boolean ended(Future<?> visit) throws InterruptedException {
		try {
			visit.get();
			return true;
		}
		catch (ExecutionException ex) {
			logger.info("A buyer was not served: {}", ex.getCause().getMessage());
			return false;
		}
	}

	/** What the instances enter in the background belongs to the sale. */
	private void awaitDiaries(Sale sale, int served) throws InterruptedException {
		long end = System.nanoTime() + PATIENCE.toNanos();
		while (this.sales.served(sale.item()) < served && System.nanoTime() < end) {
			TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());
		}
	}

	private @Nullable Void visit(Instance instance, Sale sale, String buyer) throws InterruptedException {
		sale.awaitDoors(instance.name());
		try {
			this.http.post()
				.uri(instance.url() + "/worker/buy?mode={mode}&item={item}&buyer={buyer}&work={work}",
						sale.order().mode(), sale.item(), buyer, sale.order().work())
				.retrieve()
				.toBodilessEntity();
		}
		catch (ResourceAccessException ex) {
			if (instance.hasEnded()) {
				died(sale, instance.name());
			}
			throw ex;
		}
		return null;
	}

}
