package io.github.etcdlock.sample;

import java.util.List;

/**
 * The shop as the page shows it, apart from the sale.
 *
 * @param instances the instances
 * @param results how all sales went
 * @param leaderKillable whether the leader of etcd can be killed
 * @param striking whether something is being broken
 * @param packing the orders of the warehouse
 * @param terms who was foreman, the present one last
 */
record ShopView(List<Instance> instances, List<SaleResult> results, boolean leaderKillable, boolean striking,
		Packing.View packing, List<Foreman.Term> terms) {

	/**
	 * An instance.
	 *
	 * @param name its name
	 * @param url where it is reached, or empty until it has registered
	 * @param pid its process
	 * @param own whether this page has started it, and may break it
	 * @param state running, paused, frozen or starting
	 */
	record Instance(String name, String url, long pid, boolean own, String state) {
	}

}
