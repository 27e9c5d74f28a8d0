package io.github.etcdlock.sample;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.github.etcdlock.sample.Instances.Instance;

import org.springframework.stereotype.Component;

/** Looks at the shop for the page. */
@Component
class Views {

	private final FlashSale flashSale;

	private final Sales sales;

	private final Instances instances;

	private final Workers workers;

	private final Breakage breakage;

	private final Packing packing;

	private final Foreman foreman;

	Views(FlashSale flashSale, Sales sales, Instances instances, Workers workers, Breakage breakage, Packing packing,
			Foreman foreman) {
		this.flashSale = flashSale;
		this.sales = sales;
		this.instances = instances;
		this.workers = workers;
		this.breakage = breakage;
		this.packing = packing;
		this.foreman = foreman;
	}

	Optional<SaleView> sale() {
		return this.flashSale.current().map(this.sales::view);
	}

	/** The foreman, if there is one. */
	Optional<String> leader() {
		List<Foreman.Term> terms = this.foreman.terms();
		return terms.isEmpty() ? Optional.empty()
				: Optional.of(terms.get(terms.size() - 1).leader()).filter((name) -> !name.isEmpty());
	}

	ShopView shop() {
		Map<String, Worker> own = new LinkedHashMap<>();
		this.workers.running().forEach((worker) -> own.put(worker.name(), worker));
		List<ShopView.Instance> all = new ArrayList<>();
		for (Instance open : this.instances.all()) {
			Worker worker = own.remove(open.name());
			String state = (worker != null) ? worker.state().name() : Worker.State.RUNNING.name();
			all.add(new ShopView.Instance(open.name(), open.url(), open.pid(), worker != null, state));
		}
		own.forEach((name, worker) -> all.add(new ShopView.Instance(name, "", worker.pid(), true, "STARTING")));
		return new ShopView(all, this.flashSale.results(), this.breakage.canKillLeader(), this.breakage.isStriking(),
				this.packing.view(), this.foreman.terms());
	}

}
