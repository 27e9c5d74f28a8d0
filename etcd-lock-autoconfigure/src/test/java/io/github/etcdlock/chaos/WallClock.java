package io.github.etcdlock.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * The wall clock of one worker, which libfaketime steps where the machine has it; the
 * monotonic clock stays the machine's own.
 */
final class WallClock implements AutoCloseable {

	/** Until a step is surely seen: the library looks that often. */
	static final Duration NOTICE = Duration.ofSeconds(1);

	private static final String LIBRARY = "libfaketime.so.1";

	private final @Nullable Path library;

	private final Path setting;

	/**
	 * Makes a clock that is right.
	 * @param library what {@link #library()} has found
	 */
	WallClock(@Nullable Path library) {
		this.library = library;
		try {
			this.setting = Files.createTempFile("wall-clock", "");
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		step(Duration.ZERO);
	}

	/**
	 * The library: where a Debian package puts it, else where our script does. Without
	 * one no clock is stepped.
	 */
	static @Nullable Path library() {
		Map<String, String> environment = System.getenv();
		String home = environment.getOrDefault("HOME", System.getProperty("user.home"));
		String cache = environment.getOrDefault("XDG_CACHE_HOME", home + "/.cache");
		Path own = Path.of(cache, "etcd-lock", LIBRARY);
		if (Files.exists(own) || !Files.isDirectory(Path.of("/usr/lib"))) {
			return Files.exists(own) ? own : null;
		}
		try (DirectoryStream<Path> folders = Files.newDirectoryStream(Path.of("/usr/lib"), "*-linux-*")) {
			for (Path folder : folders) {
				Path candidate = folder.resolve("faketime").resolve(LIBRARY);
				if (Files.exists(candidate)) {
					return candidate;
				}
			}
			return null;
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot look for " + LIBRARY, ex);
		}
	}

	/**
	 * What the worker's JVM needs. With the library's own mending of the monotonic clock
	 * every wait with a timeout would return at once.
	 */
	Map<String, String> environment() {
		if (this.library == null) {
			return Map.of();
		}
		return Map.of("LD_PRELOAD", this.library.toString(), "FAKETIME_TIMESTAMP_FILE", this.setting.toString(),
				"FAKETIME_CACHE_DURATION", Long.toString(NOTICE.toSeconds()), "FAKETIME_DONT_FAKE_MONOTONIC", "1",
				"FAKETIME_FORCE_MONOTONIC_FIX", "0");
	}

	/** How far it is to be from the machine's. */
	void step(Duration ahead) {
		try {
			Path next = Files.writeString(Path.of(this.setting + ".next"),
					"%+.3f".formatted(ahead.toMillis() / 1000.0));
			Files.move(next, this.setting, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot step the wall clock", ex);
		}
	}

	/** Removes what the library leaves behind of a process that was killed. */
	void forget(long pid) {
		try {
			Files.deleteIfExists(Path.of("/dev/shm/faketime_shm_" + pid));
			Files.deleteIfExists(Path.of("/dev/shm/sem.faketime_sem_" + pid));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	public void close() {
		try {
			Files.deleteIfExists(this.setting);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
