package io.github.etcdlock.etcd;

import java.util.Collection;

import com.google.protobuf.ByteString;
import io.github.etcdlock.LockMode;

/**
 * The rule of a semaphore: those ahead and this one together have no more permits than
 * there are. Each key says how many it has, and how many there are as far as its process
 * knows; where they disagree the smallest number ahead counts, so that no configuration
 * ever admits more than it allows.
 *
 * @param weight how many permits
 * @param size how many there are
 */
record Permits(int weight, SemaphoreSize size) implements Admission {

	@Override
	public LockMode mode() {
		return LockMode.SHARED;
	}

	@Override
	public ByteString value() {
		return this.size.value(this.weight);
	}

	@Override
	public boolean minds(ByteString value) {
		return true;
	}

	@Override
	public boolean admitted(Collection<ByteString> ahead) {
		long taken = this.weight;
		long size = this.size.permits();
		for (ByteString value : ahead) {
			SemaphoreSize.Taken other = this.size.read(value);
			taken += other.permits();
			size = Math.min(size, other.size());
		}
		return taken <= size;
	}

	@Override
	public boolean beside(Admission next) {
		return next instanceof Permits;
	}

	@Override
	public boolean told(int lines) {
		return false;
	}

}
