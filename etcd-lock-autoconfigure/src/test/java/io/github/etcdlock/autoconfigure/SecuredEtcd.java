package io.github.etcdlock.autoconfigure;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

import io.github.etcdlock.embedded.EmbeddedEtcd;
import org.jspecify.annotations.Nullable;

/** A real etcd that is reached by TLS, beside the plain port that its start needs. */
final class SecuredEtcd implements AutoCloseable {

	private final EmbeddedEtcd etcd;

	private final int tlsPort;

	SecuredEtcd(Certificate server, @Nullable Certificate trustedClient) {
		int port = freePort();
		this.tlsPort = freePort();
		String urls = "http://127.0.0.1:" + port + ",https://127.0.0.1:" + this.tlsPort;
		List<String> arguments = new ArrayList<>(
				List.of("--listen-client-urls=" + urls, "--advertise-client-urls=" + urls,
						"--cert-file=" + server.certificate(), "--key-file=" + server.key()));
		if (trustedClient != null) {
			arguments.add("--client-cert-auth");
			arguments.add("--trusted-ca-file=" + trustedClient.certificate());
		}
		this.etcd = EmbeddedEtcd.builder().port(port).arguments(arguments).start();
	}

	String endpoint() {
		return "https://127.0.0.1:" + this.tlsPort;
	}

	/** The TLS port, addressed without TLS. */
	String plainEndpointOfTls() {
		return "http://127.0.0.1:" + this.tlsPort;
	}

	String plainEndpoint() {
		return this.etcd.endpoint();
	}

	@Override
	public void close() {
		this.etcd.close();
	}

	private static int freePort() {
		try (ServerSocket socket = new ServerSocket(0)) {
			return socket.getLocalPort();
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
