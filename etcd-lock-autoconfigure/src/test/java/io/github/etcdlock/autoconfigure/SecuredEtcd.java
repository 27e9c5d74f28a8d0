package io.github.etcdlock.autoconfigure;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.github.etcdlock.embedded.EmbeddedEtcd;
import io.etcd.jetcd.Auth;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.auth.Permission;
import org.jspecify.annotations.Nullable;

/** A real etcd that is reached by TLS, beside the plain port that its start needs. */
final class SecuredEtcd implements AutoCloseable {

	private final int port = freePort();

	private final int tlsPort = freePort();

	private final Certificate server;

	private final @Nullable Path dataDir;

	private EmbeddedEtcd etcd;

	SecuredEtcd(Certificate server, @Nullable Certificate trustedClient) {
		this(server, trustedClient, null);
	}

	/**
	 * Starts it.
	 * @param server its own certificate
	 * @param trustedClient who signs the certificates that clients need, if they do
	 * @param dataDir where its data outlives it, if they are to
	 */
	SecuredEtcd(Certificate server, @Nullable Certificate trustedClient, @Nullable Path dataDir) {
		this.server = server;
		this.dataDir = dataDir;
		this.etcd = start(trustedClient);
	}

	private EmbeddedEtcd start(@Nullable Certificate trustedClient) {
		String urls = "http://127.0.0.1:" + this.port + ",https://127.0.0.1:" + this.tlsPort;
		List<String> arguments = new ArrayList<>(
				List.of("--listen-client-urls=" + urls, "--advertise-client-urls=" + urls,
						"--cert-file=" + this.server.certificate(), "--key-file=" + this.server.key()));
		if (trustedClient != null) {
			arguments.add("--client-cert-auth");
			arguments.add("--trusted-ca-file=" + trustedClient.certificate());
		}
		return EmbeddedEtcd.builder().port(this.port).dataDir(this.dataDir).arguments(arguments).start();
	}

	/** Stops it, and starts it again with its data. */
	void restart(@Nullable Certificate trustedClient) {
		this.etcd.close();
		this.etcd = start(trustedClient);
	}

	/** From now on asks for users: root, and one who may use the keys under a prefix. */
	void enableAuth(String user, String password, String prefix) throws Exception {
		try (Client jetcd = Client.builder().endpoints(plainEndpoint()).build()) {
			Auth auth = jetcd.getAuthClient();
			ByteSequence root = bytes("root");
			auth.userAdd(root, root).get(30, TimeUnit.SECONDS);
			auth.userGrantRole(root, root).get(30, TimeUnit.SECONDS);
			auth.roleAdd(bytes("locks")).get(30, TimeUnit.SECONDS);
			String end = prefix.substring(0, prefix.length() - 1) + "0";
			auth.roleGrantPermission(bytes("locks"), bytes(prefix), bytes(end), Permission.Type.READWRITE)
				.get(30, TimeUnit.SECONDS);
			auth.userAdd(bytes(user), bytes(password)).get(30, TimeUnit.SECONDS);
			auth.userGrantRole(bytes(user), bytes("locks")).get(30, TimeUnit.SECONDS);
			auth.authEnable().get(30, TimeUnit.SECONDS);
		}
	}

	/** Gives a user a password, perhaps the same; the user's tokens are gone. */
	void forgetTokens(String user, String password) throws Exception {
		ByteSequence root = bytes("root");
		try (Client jetcd = Client.builder().endpoints(plainEndpoint()).user(root).password(root).build()) {
			jetcd.getAuthClient().userChangePassword(bytes(user), bytes(password)).get(30, TimeUnit.SECONDS);
		}
	}

	private static ByteSequence bytes(String text) {
		return ByteSequence.from(text, StandardCharsets.UTF_8);
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
