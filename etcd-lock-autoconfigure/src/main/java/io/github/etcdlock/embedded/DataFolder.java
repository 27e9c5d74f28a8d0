package io.github.etcdlock.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where an etcd keeps its data.
 *
 * @param path the folder
 * @param temporary whether it goes when etcd does
 */
record DataFolder(Path path, boolean temporary) {

	private static final Logger logger = LoggerFactory.getLogger(DataFolder.class);

	static DataFolder of(@Nullable Path chosen) throws IOException {
		return (chosen != null) ? new DataFolder(chosen, false)
				: new DataFolder(Files.createTempDirectory("etcd-lock-"), true);
	}

	void discard() {
		if (!this.temporary || !Files.exists(this.path)) {
			return;
		}
		try (Stream<Path> files = Files.walk(this.path)) {
			for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
				Files.deleteIfExists(file);
			}
		}
		catch (IOException ex) {
			logger.warn("The temporary data folder {} of etcd could not be deleted", this.path, ex);
		}
	}

}
