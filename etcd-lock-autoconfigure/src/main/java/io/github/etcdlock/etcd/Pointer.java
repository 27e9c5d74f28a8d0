package io.github.etcdlock.etcd;

import java.util.regex.Pattern;

import com.google.protobuf.ByteString;

/**
 * What the key of an item of work says: how often it had been delivered when the key was
 * made, and where its value is. Each delivery puts the key once more, so that etcd counts
 * the rest.
 *
 * @param base the deliveries before the key was made
 * @param id under which its value is
 */
record Pointer(int base, String id) {

	private static final Pattern FORM = Pattern.compile("-?\\d{1,9} .+");

	/** Whether it was made by us. */
	static boolean isOne(ByteString stored) {
		return FORM.matcher(stored.toStringUtf8()).matches();
	}

	static Pointer parse(ByteString stored) {
		String text = stored.toStringUtf8();
		int space = text.indexOf(' ');
		return new Pointer(Integer.parseInt(text.substring(0, space)), text.substring(space + 1));
	}

	ByteString stored() {
		return ByteString.copyFromUtf8(this.base + " " + this.id);
	}

}
