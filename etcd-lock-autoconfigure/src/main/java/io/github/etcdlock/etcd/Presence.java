package io.github.etcdlock.etcd;

import java.util.Collection;

import com.google.protobuf.ByteString;
import io.github.etcdlock.LockMode;

/** The rule of those who only want to be there: nobody keeps them waiting. */
enum Presence implements Admission {

	/** Beside anybody. */
	THERE;

	@Override
	public LockMode mode() {
		return LockMode.SHARED;
	}

	@Override
	public ByteString value() {
		return ByteString.EMPTY;
	}

	@Override
	public boolean minds(ByteString value) {
		return false;
	}

	@Override
	public boolean admitted(Collection<ByteString> ahead) {
		return true;
	}

	@Override
	public boolean beside(Admission next) {
		return next == THERE;
	}

	@Override
	public boolean told(int lines) {
		return false;
	}

}
