package io.github.etcdlock.docs;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.recipe.WatchedValue;

/** The watched values of {@code recipes.md}. */
class Limits implements AutoCloseable {

	private final WatchedValue<Integer> limit;

	private final WatchedValue<Map<String, String>> flags;

	private final Map<String, Integer> seen = new ConcurrentHashMap<>();

	Limits(EtcdRecipes recipes) {
		this.limit = recipes.watched("/shop/limit", Integer.class);
		this.flags = recipes.watchedPrefix("/shop/flags/", String.class);
		this.limit.onChange((value) -> this.seen.put("limit", value.orElse(0)));
	}

	int limit() {
		return this.limit.get().orElse(100);
	}

	boolean isOn(String flag) {
		return this.flags.get().orElseThrow().getOrDefault(flag, "off").equals("on");
	}

	boolean awaitRaise(int more) throws InterruptedException {
		return this.limit.awaitValue((value) -> value >= more, Duration.ofSeconds(5)).isPresent();
	}

	Map<String, Integer> seen() {
		return this.seen;
	}

	@Override
	public void close() {
		this.limit.close();
		this.flags.close();
	}

}
