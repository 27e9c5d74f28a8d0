package io.github.etcdlock.etcd;

import java.util.Collection;

import com.google.protobuf.ByteString;
import io.github.etcdlock.LockMode;

/** The two modes of a lock. */
enum LockAdmission implements Admission {

	/** Behind nobody. */
	EXCLUSIVE(LockMode.EXCLUSIVE, ByteString.EMPTY) {

		@Override
		public boolean minds(ByteString value) {
			return true;
		}

		@Override
		public boolean mindsAll() {
			return true;
		}

		@Override
		public boolean passes() {
			return true;
		}

	},

	/** Behind readers only: whatever says anything else is a writer. */
	SHARED(LockMode.SHARED, PlaceRequests.SHARED) {

		@Override
		public boolean minds(ByteString value) {
			return !value.equals(PlaceRequests.SHARED);
		}

		@Override
		public boolean beside(Admission next) {
			return next == SHARED;
		}

		@Override
		public boolean shares() {
			return true;
		}

		@Override
		public boolean changes() {
			return true;
		}

		@Override
		public boolean told(int lines) {
			return lines == 1;
		}

	};

	private final LockMode mode;

	private final ByteString value;

	LockAdmission(LockMode mode, ByteString value) {
		this.mode = mode;
		this.value = value;
	}

	static LockAdmission of(LockMode mode) {
		return (mode == LockMode.SHARED) ? SHARED : EXCLUSIVE;
	}

	@Override
	public LockMode mode() {
		return this.mode;
	}

	@Override
	public ByteString value() {
		return this.value;
	}

	@Override
	public boolean admitted(Collection<ByteString> ahead) {
		return ahead.isEmpty();
	}

}
