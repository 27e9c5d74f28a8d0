package io.github.etcdlock.chaos;

/** A lock as another is, but for what somebody has broken about it. */
class ChangedHold implements Hold {

	final Hold hold;

	ChangedHold(Hold hold) {
		this.hold = hold;
	}

	@Override
	public long token() {
		return this.hold.token();
	}

	@Override
	public boolean isHeld() {
		return this.hold.isHeld();
	}

	@Override
	public void onLost(Runnable action) {
		this.hold.onLost(action);
	}

	@Override
	public void close() {
		this.hold.close();
	}

}
