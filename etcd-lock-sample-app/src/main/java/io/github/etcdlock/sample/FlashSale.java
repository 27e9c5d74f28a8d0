package io.github.etcdlock.sample;

import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

import io.github.etcdlock.sample.Instances.Instance;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;

/** Sends a crowd of buyers to all instances at once. */
@Component
class FlashSale {

	private static final Logger logger = LoggerFactory.getLogger(FlashSale.class);

	/** How a sale went. */
	record Result(String item, boolean locked, int stock, int left, List<Sales.Sale> sold, int failed) {

		int oversold() {
			return Math.max(0, this.sold.size() - this.stock);
		}

		/** Whether nobody sold with a smaller token than an earlier buyer. */
		boolean tokensRise() {
			List<Long> tokens = this.sold.stream().map((sale) -> (sale.token() != null) ? sale.token() : 0L).toList();
			return IntStream.range(1, tokens.size()).allMatch((i) -> tokens.get(i - 1) < tokens.get(i));
		}

	}

	private final RestClient http = RestClient.create();

	private final Sales sales;

	private final Instances instances;

	FlashSale(Sales sales, Instances instances) {
		this.sales = sales;
		this.instances = instances;
	}

	Result run(String item, int stock, int buyers, boolean locked) throws InterruptedException {
		this.sales.offer(item, stock);
		List<Instance> open = this.instances.all();
		ExecutorService crowd = Executors.newFixedThreadPool(buyers);
		try {
			List<Future<Boolean>> visits = IntStream.range(0, buyers)
				.mapToObj((buyer) -> crowd
					.submit(() -> visit(open.get(buyer % open.size()), item, "buyer-" + buyer, locked)))
				.toList();
			int failed = 0;
			for (Future<Boolean> visit : visits) {
				failed += succeeded(visit) ? 0 : 1;
			}
			return new Result(item, locked, stock, this.sales.stockOf(item), this.sales.of(item), failed);
		}
		finally {
			crowd.shutdown();
		}
	}

	private static boolean succeeded(Future<Boolean> visit) throws InterruptedException {
		try {
			return visit.get();
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException("A buyer could not be sent", ex.getCause());
		}
	}

	private boolean visit(Instance instance, String item, String buyer, boolean locked) {
		try {
			this.http.post()
				.uri(instance.url() + "/buy?item={item}&buyer={buyer}&locked={locked}", item, buyer, locked)
				.retrieve()
				.toBodilessEntity();
			return true;
		}
		catch (RestClientException ex) {
			logger.warn("{} was not served by instance {}: {}", buyer, instance.name(), ex.getMessage());
			return false;
		}
	}

}
