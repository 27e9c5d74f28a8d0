package io.github.etcdlock.etcd;

import java.util.Collection;

import com.google.protobuf.ByteString;
import io.github.etcdlock.LockMode;

/**
 * The rule of an election: the first in line leads, and its key says who it is. Each
 * leader has a key of its own, so that whoever watches the line sees every change.
 *
 * @param value what the candidate's key says
 */
record Candidacy(ByteString value) implements Admission {

	@Override
	public LockMode mode() {
		return LockMode.EXCLUSIVE;
	}

	@Override
	public boolean minds(ByteString value) {
		return true;
	}

	@Override
	public boolean mindsAll() {
		return true;
	}

	@Override
	public boolean admitted(Collection<ByteString> ahead) {
		return ahead.isEmpty();
	}

}
