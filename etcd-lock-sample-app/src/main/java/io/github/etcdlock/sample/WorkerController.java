package io.github.etcdlock.sample;

import java.time.Duration;

import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What each instance does for the crowd, and for the page that breaks things. */
@RestController
@RequestMapping("/worker")
class WorkerController {

	private final Counter counter;

	private final Traps traps;

	private final Foreman foreman;

	WorkerController(Counter counter, Traps traps, Foreman foreman) {
		this.counter = counter;
		this.traps = traps;
		this.foreman = foreman;
	}

	@PostMapping("/buy")
	Outcome buy(@RequestParam Mode mode, @RequestParam String item, @RequestParam String buyer,
			@RequestParam int work) {
		return this.counter.serve(mode, new Purchase(item, buyer, work));
	}

	@PostMapping("/trap/arm")
	void arm(@RequestParam Traps.Spot spot) {
		this.traps.arm(spot);
	}

	@PostMapping("/trap/caught")
	String caught(@RequestParam Traps.Spot spot, @RequestParam Duration wait) throws InterruptedException {
		return this.traps.awaitCaught(spot, wait).orElse("");
	}

	@PostMapping("/trap/release")
	void release(@RequestParam Traps.Spot spot) {
		this.traps.release(spot);
	}

	@PostMapping("/resign")
	void resign() {
		this.foreman.resign();
	}

}
