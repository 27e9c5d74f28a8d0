package io.github.etcdlock.autoconfigure;

import java.util.Map;

import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * At DEBUG gRPC logs every HTTP/2 frame, and so etcd's password and tokens. Who logs
 * everything of {@code io.grpc} seldom means that; who names this very logger does.
 */
final class SecretFreeLogging implements EnvironmentPostProcessor {

	static final String FRAMES = "io.grpc.netty.NettyClientHandler";

	@Override
	public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
		environment.getPropertySources()
			.addLast(new MapPropertySource("etcdLockLogging", Map.of("logging.level." + FRAMES, "info")));
	}

}
