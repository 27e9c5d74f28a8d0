package io.github.etcdlock.sample;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** The same flash sale twice, without and with the lock, in the log and for the page. */
@Component
class Demonstration {

	private static final Logger logger = LoggerFactory.getLogger(Demonstration.class);

	private static final Duration PATIENCE = Duration.ofMinutes(1);

	private final FlashSale sale;

	private final Instances instances;

	private final int stock;

	private final int buyers;

	private volatile List<FlashSale.Result> results = List.of();

	Demonstration(FlashSale sale, Instances instances, @Value("${shop.stock:20}") int stock,
			@Value("${shop.buyers:60}") int buyers) {
		this.sale = sale;
		this.instances = instances;
		this.stock = stock;
		this.buyers = buyers;
	}

	List<FlashSale.Result> results() {
		return this.results;
	}

	void runWhenReady(int instances) {
		long end = System.nanoTime() + PATIENCE.toNanos();
		while (this.instances.all().size() < instances && System.nanoTime() < end) {
			LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
		}
		try {
			run();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	synchronized void run() throws InterruptedException {
		List<FlashSale.Result> results = new ArrayList<>();
		logger.info("{} buyers come for {} pieces, to the instances {}", this.buyers, this.stock,
				this.instances.all().stream().map(Instances.Instance::name).toList());
		results.add(show(this.sale.run("unprotected", this.stock, this.buyers, false)));
		results.add(show(this.sale.run("locked", this.stock, this.buyers, true)));
		this.results = results;
		logger.info("The same on http://localhost:8080 - and with one more instance: "
				+ "mvn -pl etcd-lock-sample-app -am spring-boot:run -Dspring-boot.run.arguments=--join=three");
	}

	private static FlashSale.Result show(FlashSale.Result result) {
		logger.info("{}: sold {} of {} pieces, {}", result.locked() ? "With @DistributedLock" : "Without a lock",
				result.sold().size(), result.stock(),
				(result.oversold() > 0) ? "OVERSOLD by " + result.oversold() : "none too many");
		if (result.locked()) {
			result.sold()
				.forEach((sale) -> logger.info("  {} bought from instance {}, fencing token {}", sale.buyer(),
						sale.instance(), sale.token()));
		}
		return result;
	}

}
