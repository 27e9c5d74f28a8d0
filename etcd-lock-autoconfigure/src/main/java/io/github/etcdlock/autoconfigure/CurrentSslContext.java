package io.github.etcdlock.autoconfigure;

import java.util.List;
import java.util.function.Supplier;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSessionContext;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.netty.handler.ssl.SslContext;

/**
 * Whatever the TLS material is when a connection is opened: for a client that is given
 * its context only once.
 */
final class CurrentSslContext extends SslContext {

	private final Supplier<SslContext> current;

	CurrentSslContext(Supplier<SslContext> current) {
		this.current = current;
	}

	@Override
	public SSLEngine newEngine(ByteBufAllocator alloc) {
		return this.current.get().newEngine(alloc);
	}

	@Override
	public SSLEngine newEngine(ByteBufAllocator alloc, String peerHost, int peerPort) {
		return this.current.get().newEngine(alloc, peerHost, peerPort);
	}

	@Override
	public boolean isClient() {
		return this.current.get().isClient();
	}

	@Override
	public List<String> cipherSuites() {
		return this.current.get().cipherSuites();
	}

	@Override
	@SuppressWarnings("deprecation") // What it overrides is deprecated, and asked for by
										// gRPC.
	public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
		return this.current.get().applicationProtocolNegotiator();
	}

	@Override
	public SSLSessionContext sessionContext() {
		return this.current.get().sessionContext();
	}

}
