package io.github.etcdlock.sample;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import io.github.etcdlock.LockUnavailableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * Tells all open pages how things are, each time they have changed: states and not
 * changes, so that a page that comes late or missed something is right with the next one.
 */
@Component
class LiveStream {

	private static final Logger logger = LoggerFactory.getLogger(LiveStream.class);

	private static final Duration INTERVAL = Duration.ofMillis(250);

	private static final Duration BEAT = Duration.ofSeconds(15);

	private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor((task) -> {
		Thread thread = new Thread(task, "live-stream");
		thread.setDaemon(true);
		return thread;
	});

	private final List<SseEmitter> pages = new CopyOnWriteArrayList<>();

	private final Map<String, String> told = new ConcurrentHashMap<>();

	private final Views views;

	private final JsonMapper json;

	LiveStream(Views views, JsonMapper json) {
		this.views = views;
		this.json = json;
		this.clock.scheduleWithFixedDelay(this::look, 0, INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
		this.clock.scheduleWithFixedDelay(this::beat, BEAT.toMillis(), BEAT.toMillis(), TimeUnit.MILLISECONDS);
	}

	SseEmitter open() {
		SseEmitter page = new SseEmitter(0L);
		page.onCompletion(() -> this.pages.remove(page));
		page.onError((failure) -> this.pages.remove(page));
		this.clock.execute(() -> {
			this.told.forEach((part, state) -> send(page, part, state));
			this.pages.add(page);
		});
		return page;
	}

	private void look() {
		if (this.pages.isEmpty()) {
			this.told.clear();
			return;
		}
		try {
			this.views.sale().ifPresent((sale) -> tell("sale", sale));
			tell("shop", this.views.shop());
		}
		catch (DataAccessException | LockUnavailableException ex) {
			logger.debug("There is nothing to tell the pages just now", ex);
		}
		catch (RuntimeException ex) {
			// One look that fails must not be the last one.
			logger.warn("The pages could not be told how things are", ex);
		}
	}

	private void tell(String part, Object state) {
		String text = this.json.writeValueAsString(state);
		if (!text.equals(this.told.put(part, text))) {
			this.pages.forEach((page) -> send(page, part, text));
		}
	}

	/** A page that was left shows only when something is sent to it. */
	private void beat() {
		this.pages.forEach((page) -> send(page, SseEmitter.event().comment("still here")));
	}

	private void send(SseEmitter page, String part, String state) {
		send(page, SseEmitter.event().name(part).data(state));
	}

	private void send(SseEmitter page, SseEmitter.SseEventBuilder event) {
		try {
			page.send(event);
		}
		catch (IOException | IllegalStateException ex) {
			// the page was left
			this.pages.remove(page);
		}
	}

	/** First of all: a graceful shutdown would wait for the pages to leave. */
	@EventListener(ContextClosedEvent.class)
	void close() {
		this.clock.shutdownNow();
		this.pages.forEach(SseEmitter::complete);
	}

}
