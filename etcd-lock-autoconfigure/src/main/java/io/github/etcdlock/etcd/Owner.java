package io.github.etcdlock.etcd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

import com.google.protobuf.ByteString;

/** What other processes are shown about the owner of a session. */
final class Owner {

	private static final Path LINUX_HOST_NAME = Path.of("/proc/sys/kernel/hostname");

	private Owner() {
	}

	static ByteString value(String application, Layout layout) {
		ProcessHandle process = ProcessHandle.current();
		String start = process.info().startInstant().map(Object::toString).orElse("");
		return ByteString.copyFromUtf8("{\"layout\":" + layout.version() + ",\"application\":\"" + escaped(application)
				+ "\",\"host\":\"" + escaped(host()) + "\",\"pid\":" + process.pid() + ",\"start\":\"" + start + "\"}");
	}

	/** The host's name, without asking a name server. */
	private static String host() {
		return Stream.of("HOSTNAME", "COMPUTERNAME")
			.map(System::getenv)
			.filter((name) -> name != null && !name.isBlank())
			.findFirst()
			.orElseGet(Owner::kernelHostName);
	}

	private static String kernelHostName() {
		try {
			return Files.isReadable(LINUX_HOST_NAME) ? Files.readString(LINUX_HOST_NAME).strip() : "unknown";
		}
		catch (IOException ex) {
			return "unknown";
		}
	}

	private static String escaped(String text) {
		StringBuilder escaped = new StringBuilder();
		text.chars().forEach((c) -> {
			if (c == '"' || c == '\\' || c < ' ') {
				escaped.append(String.format("\\u%04x", c));
			}
			else {
				escaped.append((char) c);
			}
		});
		return escaped.toString();
	}

}
