package io.github.etcdlock.etcd;

import java.time.Duration;
import java.util.concurrent.Executor;

import io.github.etcdlock.recipe.EtcdRecipes;
import io.github.etcdlock.test.EtcdCluster;
import org.junit.jupiter.api.AutoClose;

/** Two processes that use the same recipes, and somebody who puts keys by hand. */
abstract class TwoProcesses {

	static final Duration LONG = Duration.ofSeconds(10);

	static final Executor THREADS = (task) -> new Thread(task, "consumer").start();

	@AutoClose
	final Managers managers;

	@AutoClose
	final Outsider outsider;

	final EtcdCluster cluster;

	final LeaseManager manager;

	final EtcdRecipes recipes;

	final EtcdRecipes others;

	TwoProcesses(EtcdCluster cluster) {
		this.cluster = cluster;
		this.managers = new Managers(cluster);
		this.outsider = new Outsider(cluster.endpoint());
		this.manager = this.managers.start();
		this.recipes = this.manager.recipes(Managers.TEXT);
		this.others = this.managers.start().recipes(Managers.TEXT);
	}

}
