package io.github.etcdlock.sample;

import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;

import io.github.etcdlock.sample.Instances.Instance;

import org.springframework.web.client.RestClient;

/** A trap in an instance, laid from here. */
final class RemoteTrap {

	private static final Duration LOOK = Duration.ofMillis(500);

	private final RestClient http;

	private final Traps.Spot spot;

	RemoteTrap(Instance instance, Traps.Spot spot) {
		this.http = RestClient.create(instance.url() + "/worker/trap");
		this.spot = spot;
	}

	void arm() {
		this.http.post().uri("/arm?spot={spot}", this.spot).retrieve().toBodilessEntity();
	}

	/** Waits for as long as there is hope. */
	Optional<String> awaitCaught(BooleanSupplier hope) {
		Optional<String> caught = look();
		while (caught.isEmpty() && hope.getAsBoolean()) {
			caught = look();
		}
		return caught;
	}

	private Optional<String> look() {
		String caught = this.http.post()
			.uri("/caught?spot={spot}&wait={wait}", this.spot, LOOK)
			.retrieve()
			.body(String.class);
		return Optional.ofNullable(caught).filter((name) -> !name.isEmpty());
	}

	void release() {
		this.http.post().uri("/release?spot={spot}", this.spot).retrieve().toBodilessEntity();
	}

}
