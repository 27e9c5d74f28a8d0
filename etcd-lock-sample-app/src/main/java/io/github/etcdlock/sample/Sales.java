package io.github.etcdlock.sample;

import java.util.List;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** What is for sale, what has been sold, and who came. */
@Repository
class Sales {

	/** One piece that was sold. */
	record Sold(String buyer, String instance, @Nullable Long token) {
	}

	private final JdbcClient database;

	Sales(JdbcClient database) {
		this.database = database;
	}

	/**
	 * A name that nothing else has that is sold from this database, from whatever page.
	 */
	String nextItem() {
		return "sale-" + this.database.sql("values next value for sale_number").query(Long.class).single();
	}

	void offer(String item, int stock) {
		this.database.sql("insert into item (name, stock) values (?, ?)").params(item, stock).update();
	}

	List<Sold> of(String item) {
		return this.database.sql("select buyer, instance, token from sale where item = ? order by id")
			.param(item)
			.query(Sold.class)
			.list();
	}

	/** Whether nobody sold with a smaller token than an earlier buyer. */
	boolean tokensRise(String item) {
		List<Long> tokens = of(item).stream().map((sold) -> (sold.token() != null) ? sold.token() : 0L).toList();
		return IntStream.range(1, tokens.size()).allMatch((i) -> tokens.get(i - 1) < tokens.get(i));
	}

	/** A killed instance cannot tell what became of its buyers. */
	void killed(String instance) {
		this.database.sql("update visit set ended = ?, outcome = ? where instance = ? and ended is null")
			.params(System.currentTimeMillis(), Outcome.KILLED.name(), instance)
			.update();
	}

	/** How many of a sale's buyers have left. */
	int served(String item) {
		return number("select count(*) from visit where item = ? and ended is not null", item);
	}

	@Nullable String outcome(String item, String buyer) {
		return this.database.sql("select outcome from visit where item = ? and buyer = ?")
			.params(item, buyer)
			.query((row, number) -> String.valueOf(row.getString(1)))
			.optional()
			.filter((outcome) -> !outcome.equals("null"))
			.orElse(null);
	}

	/** Whether somebody at another instance was served after a time. */
	boolean othersSince(String item, String instance, long time) {
		return this.database.sql("select count(*) from visit where item = ? and instance <> ? and held > ?")
			.params(item, instance, time)
			.query(Integer.class)
			.single() > 0;
	}

	/** Whether it is, or was, a buyer's turn. */
	boolean isServed(String item, String buyer) {
		return this.database.sql("select count(*) from visit where item = ? and buyer = ? and held is not null")
			.params(item, buyer)
			.query(Integer.class)
			.single() > 0;
	}

	/** Whether buyers of an instance were turned away. */
	boolean turnedAway(String item, String instance) {
		return this.database.sql("select count(*) from visit where item = ? and instance = ? and outcome = ?")
			.params(item, instance, Outcome.FAILED.name())
			.query(Integer.class)
			.single() > 0;
	}

	int sold(String item) {
		return number("select count(*) from sale where item = ?", item);
	}

	int left(String item) {
		return number("select stock from item where name = ?", item);
	}

	SaleView view(Sale sale) {
		List<SaleView.Visit> visits = this.database.sql(
				"select buyer, instance, came, held, done, ended, token, outcome from visit where item = ? order by came, buyer")
			.param(sale.item())
			.query(SaleView.Visit.class)
			.list()
			.stream()
			.map((visit) -> visit.since(sale.began()))
			.toList();
		int sold = sold(sale.item());
		int left = this.database.sql("select stock from item where name = ?")
			.param(sale.item())
			.query(Integer.class)
			.optional()
			.orElse(sale.order().stock());
		return new SaleView(sale.item(), sale.order(), sale.order().mode().label(), sale.isRunning(), sale.instances(),
				sale.until() - sale.began(), left, sold, Math.max(0, sold - sale.order().stock()), visits,
				sale.notes().stream().map((note) -> note.since(sale.began())).toList(), sale.failure());
	}

	private int number(String query, String item) {
		return this.database.sql(query).param(item).query(Integer.class).single();
	}

}
