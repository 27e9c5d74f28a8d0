package io.github.etcdlock.autoconfigure;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;

/**
 * A certificate that signs itself, made by the JDK's keytool, with its key.
 *
 * @param certificate the PEM file of the certificate
 * @param key the PEM file of the key
 */
record Certificate(Path certificate, Path key) {

	private static final String PASSWORD = "changeit";

	static Certificate make(Path folder, String name, String subjectAlternativeName) {
		try {
			Path store = folder.resolve(name + ".p12");
			keytool("-genkeypair", "-alias", name, "-keyalg", "EC", "-groupname", "secp256r1", "-validity", "2",
					"-dname", "CN=" + name, "-ext", "san=" + subjectAlternativeName, "-ext",
					"eku=serverAuth,clientAuth", "-keystore", store.toString(), "-storetype", "PKCS12", "-storepass",
					PASSWORD);
			KeyStore keys = KeyStore.getInstance("PKCS12");
			try (InputStream stream = Files.newInputStream(store)) {
				keys.load(stream, PASSWORD.toCharArray());
			}
			return new Certificate(
					write(folder.resolve(name + ".crt"), "CERTIFICATE", keys.getCertificate(name).getEncoded()),
					write(folder.resolve(name + ".key"), "PRIVATE KEY",
							keys.getKey(name, PASSWORD.toCharArray()).getEncoded()));
		}
		catch (IOException | GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void keytool(String... arguments) throws IOException {
		String[] command = new String[arguments.length + 1];
		command[0] = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
		System.arraycopy(arguments, 0, command, 1, arguments.length);
		Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
		String output = new String(process.getInputStream().readAllBytes());
		try {
			if (process.waitFor() != 0) {
				throw new IllegalStateException("keytool failed: " + output);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	private static Path write(Path file, String type, byte[] content) throws IOException {
		String body = Base64.getMimeEncoder(64, new byte[] { '\n' }).encodeToString(content);
		return Files.writeString(file, "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n");
	}

}
