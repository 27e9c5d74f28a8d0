package io.github.etcdlock.autoconfigure;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * A certificate that signs itself, made by the JDK's keytool, with its key.
 *
 * @param certificate the PEM file of the certificate
 * @param key the PEM file of the key
 */
record Certificate(String name, Path certificate, Path key) {

	static final String PASSWORD = "p4ssword-of-the-store";

	private static final List<String> VALID = List.of("-validity", "2");

	/** One that has signed itself, and may sign others. */
	static Certificate make(Path folder, String name, String subjectAlternativeName) {
		return make(folder, name, name, subjectAlternativeName, VALID);
	}

	/** One that this one has signed. */
	Certificate sign(String name, String subjectAlternativeName) {
		return make(this.certificate.getParent(), this.name, name, subjectAlternativeName, VALID);
	}

	/** One that this one has signed, and that expired yesterday. */
	Certificate signExpired(String name, String subjectAlternativeName) {
		return make(this.certificate.getParent(), this.name, name, subjectAlternativeName,
				List.of("-startdate", "-3d", "-validity", "2"));
	}

	private static Certificate make(Path folder, String signer, String name, String subjectAlternativeName,
			List<String> validity) {
		try {
			Path store = folder.resolve(signer + ".p12");
			List<String> arguments = new ArrayList<>(List.of("-J-XX:TieredStopAtLevel=1", "-genkeypair", "-alias", name,
					"-keyalg", "EC", "-groupname", "secp256r1", "-dname", "CN=" + name, "-ext",
					"san=" + subjectAlternativeName, "-ext", "eku=serverAuth,clientAuth", "-keystore", store.toString(),
					"-storetype", "PKCS12", "-storepass", PASSWORD));
			arguments.addAll(validity);
			arguments.addAll(signer.equals(name) ? List.of("-ext", "bc:c") : List.of("-signer", signer));
			keytool(arguments);
			KeyStore keys = KeyStore.getInstance("PKCS12");
			try (InputStream stream = Files.newInputStream(store)) {
				keys.load(stream, PASSWORD.toCharArray());
			}
			return new Certificate(name,
					write(folder.resolve(name + ".crt"), "CERTIFICATE", keys.getCertificate(name).getEncoded()),
					write(folder.resolve(name + ".key"), "PRIVATE KEY",
							keys.getKey(name, PASSWORD.toCharArray()).getEncoded()));
		}
		catch (IOException | GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** Takes the place of another in its files, as a renewal does, at once. */
	void replace(Certificate other) throws IOException {
		move(this.key, other.key);
		move(this.certificate, other.certificate);
	}

	private static void move(Path from, Path to) throws IOException {
		Path copy = Files.copy(from, to.resolveSibling("renewed"), StandardCopyOption.REPLACE_EXISTING);
		Files.move(copy, to, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
	}

	private static void keytool(List<String> arguments) throws IOException {
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
		command.addAll(arguments);
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
