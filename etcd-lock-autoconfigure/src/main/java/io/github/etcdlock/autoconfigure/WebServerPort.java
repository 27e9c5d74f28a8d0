package io.github.etcdlock.autoconfigure;

import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.util.StringUtils;

/** The port of the application's web server, not of one for management beside it. */
final class WebServerPort implements ServicePort, ApplicationListener<WebServerInitializedEvent> {

	private final boolean secure;

	private volatile int port;

	WebServerPort(boolean secure) {
		this.secure = secure;
	}

	@Override
	public void onApplicationEvent(WebServerInitializedEvent event) {
		if (!StringUtils.hasText(event.getApplicationContext().getServerNamespace())) {
			this.port = event.getWebServer().getPort();
		}
	}

	@Override
	public int port() {
		return this.port;
	}

	@Override
	public boolean secure() {
		return this.secure;
	}

}
