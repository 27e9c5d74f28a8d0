package io.github.etcdlock.sample;

import java.util.Map;
import java.util.Optional;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** What the page asks for, and what its buttons do. */
@RestController
@RequestMapping("/api")
class PageController {

	/** What is to be broken, and the sale to begin for it if none runs. */
	record Blow(Misfortune kind, String instance, SaleOrder sale) {
	}

	/** How many orders, and what else. */
	record Orders(int number, boolean unpackable) {
	}

	/** A lock, and the holder that is meant. */
	record Holder(String key, long token) {
	}

	private final FlashSale flashSale;

	private final Views views;

	private final LiveStream stream;

	private final Workers workers;

	private final Instances instances;

	private final Breakage breakage;

	private final Packing packing;

	private final Console console;

	PageController(FlashSale flashSale, Views views, LiveStream stream, Workers workers, Instances instances,
			Breakage breakage, Packing packing, Console console) {
		this.flashSale = flashSale;
		this.views = views;
		this.stream = stream;
		this.workers = workers;
		this.instances = instances;
		this.breakage = breakage;
		this.packing = packing;
		this.console = console;
	}

	@GetMapping("/stream")
	SseEmitter stream() {
		return this.stream.open();
	}

	@GetMapping("/shop")
	ShopView shop() {
		return this.views.shop();
	}

	@GetMapping("/sale")
	Optional<SaleView> sale() {
		return this.views.sale();
	}

	@PostMapping("/sales")
	Map<String, String> begin(@RequestBody SaleOrder order) {
		return Map.of("item", this.flashSale.begin(order).item());
	}

	@PostMapping("/breaks")
	void strike(@RequestBody Blow blow) {
		this.breakage.strike(blow.kind(), blow.instance(), blow.sale());
	}

	@PostMapping("/workers")
	Map<String, String> startWorker() {
		return Map.of("name", this.workers.start().name());
	}

	@PostMapping("/workers/{name}/kill")
	void killWorker(@PathVariable String name) {
		this.workers.find(name).kill();
	}

	@GetMapping("/console")
	ConsoleView console() throws InterruptedException {
		return this.console.look();
	}

	@PostMapping("/console/release")
	void release(@RequestBody Holder holder) {
		if (!this.console.release(holder.key(), holder.token())) {
			throw new BusyException("Somebody else holds the lock by now, or nobody: nothing was done");
		}
	}

	@PostMapping("/orders")
	void order(@RequestBody Orders orders) {
		this.packing.order(orders.number(), orders.unpackable());
	}

	@PostMapping("/orders/kill/{name}")
	void killPacker(@PathVariable String name, @RequestBody Orders orders) {
		this.packing.killPacker(name, orders.number());
	}

	@PostMapping("/election/hand-over")
	void handOver() {
		String leader = this.views.leader().orElseThrow(() -> new BusyException("Nobody leads just now"));
		Instances.Instance instance = this.instances.find(leader)
			.orElseThrow(() -> new BusyException("The leader " + leader + " is gone; the next one comes with its TTL"));
		RestClient.create().post().uri(instance.url() + "/worker/resign").retrieve().toBodilessEntity();
	}

}
