package io.github.etcdlock.etcd;

import com.google.protobuf.ByteString;
import io.github.etcdlock.recipe.ValueFormat;

/** Values as they are stored: text and bytes as they are, the rest in a format. */
final class Values {

	private final ValueFormat format;

	Values(ValueFormat format) {
		this.format = format;
	}

	ByteString write(Object value) {
		if (value instanceof String text) {
			return ByteString.copyFromUtf8(text);
		}
		return ByteString.copyFrom((value instanceof byte[] bytes) ? bytes : this.format.write(value));
	}

	<T> T read(ByteString stored, Class<T> type) {
		if (type == String.class) {
			return type.cast(stored.toStringUtf8());
		}
		return (type == byte[].class) ? type.cast(stored.toByteArray()) : this.format.read(stored.toByteArray(), type);
	}

}
