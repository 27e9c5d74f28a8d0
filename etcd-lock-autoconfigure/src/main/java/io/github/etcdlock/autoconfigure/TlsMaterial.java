package io.github.etcdlock.autoconfigure;

import java.util.List;
import java.util.function.Supplier;

import javax.net.ssl.SSLException;

import io.grpc.netty.GrpcSslContexts;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslOptions;

/** The TLS material of now, for every channel that is opened. */
final class TlsMaterial implements Supplier<SslContext> {

	private volatile SslContext current;

	TlsMaterial(@Nullable SslBundle bundle) {
		this.current = context(bundle);
	}

	@Override
	public SslContext get() {
		return this.current;
	}

	/** Takes over new material; if it cannot be used, the old one stays. */
	void update(SslBundle bundle) {
		this.current = context(bundle);
	}

	private static SslContext context(@Nullable SslBundle bundle) {
		SslContextBuilder builder = GrpcSslContexts.forClient();
		if (bundle != null) {
			builder.trustManager(bundle.getManagers().getTrustManagerFactory())
				.keyManager(bundle.getManagers().getKeyManagerFactory());
			SslOptions options = bundle.getOptions();
			if (options.getCiphers() != null) {
				builder.ciphers(List.of(options.getCiphers()));
			}
			if (options.getEnabledProtocols() != null) {
				builder.protocols(options.getEnabledProtocols());
			}
		}
		try {
			SslContext context = builder.build();
			// what is wrong with ciphers and protocols is only found by an engine
			ReferenceCountUtil.release(context.newEngine(ByteBufAllocator.DEFAULT));
			return context;
		}
		catch (SSLException | IllegalArgumentException ex) {
			throw new IllegalStateException(
					"TLS towards etcd cannot be set up from "
							+ ((bundle != null) ? "the SSL bundle" : "the JVM's trust store") + ": " + ex.getMessage(),
					ex);
		}
	}

}
