package io.github.etcdlock.sample;

import java.net.URI;

import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What the shop does over HTTP. */
@RestController
class ShopController {

	private final Shop shop;

	private final Demonstration demonstration;

	private final Instances instances;

	ShopController(Shop shop, Demonstration demonstration, Instances instances) {
		this.shop = shop;
		this.demonstration = demonstration;
		this.instances = instances;
	}

	@PostMapping("/buy")
	boolean buy(@RequestParam String item, @RequestParam String buyer, @RequestParam boolean locked) {
		return locked ? this.shop.buy(item, buyer) : this.shop.buyUnprotected(item, buyer);
	}

	@PostMapping("/run")
	ResponseEntity<Void> run() throws InterruptedException {
		this.demonstration.run();
		return ResponseEntity.status(303).location(URI.create("/")).build();
	}

	@GetMapping(path = "/", produces = MediaType.TEXT_HTML_VALUE)
	String page() {
		return SalePage.of(this.instances.all(), this.demonstration.results());
	}

}
