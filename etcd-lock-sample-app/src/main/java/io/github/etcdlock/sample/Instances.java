package io.github.etcdlock.sample;

import java.util.List;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The instances of the shop that are running, as they have entered themselves. */
@Component
class Instances {

	/** One of them. */
	record Instance(String name, String url) {
	}

	private final JdbcClient database;

	private final String name;

	Instances(JdbcClient database, @Value("${shop.instance}") String name) {
		this.database = database;
		this.name = name;
	}

	@EventListener
	void enter(WebServerInitializedEvent event) {
		String url = "http://127.0.0.1:" + event.getWebServer().getPort();
		this.database.sql("merge into instance (name, url) values (?, ?)").param(this.name).param(url).update();
	}

	@EventListener(ContextClosedEvent.class)
	void leave() {
		remove(this.name);
	}

	void remove(String name) {
		this.database.sql("delete from instance where name = ?").param(name).update();
	}

	List<Instance> all() {
		return this.database.sql("select name, url from instance order by name").query(Instance.class).list();
	}

}
