package io.github.etcdlock.etcd;

import java.time.Duration;

import io.github.etcdlock.LockHandle;
import io.github.etcdlock.LockMode;
import io.github.etcdlock.recipe.DistributedReadWriteLock;
import io.github.etcdlock.test.EtcdCluster;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What users of a read/write lock may rely on. */
abstract class ReadWriteLockContract {

	@AutoClose
	private final Managers managers;

	private final DistributedReadWriteLock lock;

	private final DistributedReadWriteLock elsewhere;

	ReadWriteLockContract(EtcdCluster cluster) {
		this.managers = new Managers(cluster);
		this.lock = lock();
		this.elsewhere = lock();
	}

	@Test
	void readersShareItAndAWriterDoesNot() throws Exception {
		try (LockHandle reader = this.lock.read();
				LockHandle other = this.elsewhere.tryRead(Duration.ZERO).orElseThrow()) {
			assertThat(reader.mode()).isEqualTo(LockMode.SHARED);
			assertThat(other.isHeld()).isTrue();
			assertThat(this.elsewhere.tryWrite(Duration.ZERO)).isEmpty();
		}
		try (LockHandle writer = this.lock.write()) {
			assertThat(writer.mode()).isEqualTo(LockMode.EXCLUSIVE);
			assertThat(this.elsewhere.tryRead(Duration.ZERO)).isEmpty();
			writer.downgrade();
			this.elsewhere.tryRead(Duration.ZERO).orElseThrow().close();
		}
	}

	@Test
	void itIsTheLockOfThatKey() throws Exception {
		try (LockHandle held = this.managers.template().acquire("prices")) {
			assertThat(held.isHeld()).isTrue();
			assertThat(this.lock.tryRead(Duration.ofMillis(50))).isEmpty();
		}
	}

	private DistributedReadWriteLock lock() {
		return this.managers.start().recipes(Managers.TEXT).readWriteLock("prices");
	}

}
