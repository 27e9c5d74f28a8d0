package io.github.etcdlock.sample;

import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** What has been sold. */
@Repository
class Sales {

	/** One piece that was sold. */
	record Sale(String buyer, String instance, @Nullable Long token) {
	}

	private final JdbcClient database;

	Sales(JdbcClient database) {
		this.database = database;
	}

	void offer(String item, int stock) {
		this.database.sql("delete from sale where item = ?").param(item).update();
		this.database.sql("merge into item (name, stock) values (?, ?)").param(item).param(stock).update();
	}

	List<Sale> of(String item) {
		return this.database.sql("select buyer, instance, token from sale where item = ? order by id")
			.param(item)
			.query(Sale.class)
			.list();
	}

	int stockOf(String item) {
		return this.database.sql("select stock from item where name = ?").param(item).query(Integer.class).single();
	}

}
