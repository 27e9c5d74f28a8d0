package io.github.etcdlock.autoconfigure;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.stream.Collectors;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.AppenderBase;
import org.slf4j.LoggerFactory;

/** Everything that is logged for as long as it is open, by SLF4J and by the JDK. */
final class CapturedLogs extends AppenderBase<ILoggingEvent> implements AutoCloseable {

	private final Queue<String> lines = new ConcurrentLinkedQueue<>();

	private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);

	private final Level level = this.root.getLevel();

	private final List<Appender<ILoggingEvent>> appenders = new ArrayList<>();

	private final java.util.logging.Logger jdk = java.util.logging.Logger.getLogger("");

	private final java.util.logging.Level jdkLevel = this.jdk.getLevel();

	private final List<Handler> handlers = List.of(this.jdk.getHandlers());

	private final Handler handler = new Handler() {

		@Override
		public void publish(LogRecord entry) {
			CapturedLogs.this.lines.add(entry.getMessage() + " "
					+ List.of(entry.getParameters() != null ? entry.getParameters() : new Object[0]) + " "
					+ entry.getThrown());
		}

		@Override
		public void flush() {
			// Nothing is kept back.
		}

		@Override
		public void close() {
			// Nothing is open.
		}

	};

	CapturedLogs() {
		start();
		this.root.iteratorForAppenders().forEachRemaining(this.appenders::add);
		this.appenders.forEach(this.root::detachAppender);
		this.root.setLevel(Level.TRACE);
		this.root.addAppender(this);
		this.handlers.forEach(this.jdk::removeHandler);
		this.handler.setLevel(java.util.logging.Level.ALL);
		this.jdk.setLevel(java.util.logging.Level.ALL);
		this.jdk.addHandler(this.handler);
	}

	@Override
	protected void append(ILoggingEvent event) {
		if (event.getLoggerName().endsWith(".EtcdProcess")) {
			return; // The server's own log, which names tokens that it has refused.
		}
		IThrowableProxy thrown = event.getThrowableProxy();
		this.lines.add(event.getLoggerName() + " " + event.getFormattedMessage()
				+ ((thrown != null) ? ThrowableProxyUtil.asString(thrown) : ""));
	}

	String text() {
		return this.lines.stream().collect(Collectors.joining("\n"));
	}

	@Override
	public void close() {
		this.root.detachAppender(this);
		this.root.setLevel(this.level);
		this.appenders.forEach(this.root::addAppender);
		this.jdk.removeHandler(this.handler);
		this.jdk.setLevel(this.jdkLevel);
		this.handlers.forEach(this.jdk::addHandler);
	}

}
