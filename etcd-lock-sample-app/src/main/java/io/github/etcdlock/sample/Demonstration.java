package io.github.etcdlock.sample;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** The same flash sale twice, without and with the lock, in the log and for the page. */
@Component
class Demonstration {

	private static final Logger logger = LoggerFactory.getLogger(Demonstration.class);

	private static final int WORK_MILLIS = 20;

	private final FlashSale sale;

	private final Sales sales;

	private final int stock;

	private final int buyers;

	Demonstration(FlashSale sale, Sales sales, @Value("${shop.stock}") int stock, @Value("${shop.buyers}") int buyers) {
		this.sale = sale;
		this.sales = sales;
		this.stock = stock;
		this.buyers = buyers;
	}

	void run(String page) {
		logger.info("{} buyers come for {} pieces, to two instances", this.buyers, this.stock);
		run(Mode.NONE);
		run(Mode.LOCK);
		logger.info(
				"See it, and break it, on {} - with one more instance: "
						+ "mvn -pl etcd-lock-sample-app -am spring-boot:run -Dspring-boot.run.arguments=--join=three",
				page);
	}

	private void run(Mode mode) {
		SaleResult result = this.sale.run(new SaleOrder(mode, this.stock, this.buyers, 2, WORK_MILLIS));
		logger.info("{}: sold {} of {} pieces, {}", result.label(), result.sold(), result.stock(),
				(result.oversold() > 0) ? "OVERSOLD by " + result.oversold() : "none too many");
		if (mode.isReal()) {
			this.sales.of(result.item())
				.forEach((sold) -> logger.info("  {} bought from instance {}, fencing token {}", sold.buyer(),
						sold.instance(), sold.token()));
		}
	}

}
