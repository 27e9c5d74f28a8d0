package io.github.etcdlock.recipe;

/**
 * How values become bytes and back. {@code String} and {@code byte[]} never reach it:
 * they are stored as they are, text in UTF-8. Safe for use by many threads.
 */
public interface ValueFormat {

	/**
	 * For {@code String} and {@code byte[]} only: of values of another type it says with
	 * an {@link IllegalStateException} what they need.
	 * @return the format
	 */
	static ValueFormat textOnly() {
		return new TextOnly();
	}

	/**
	 * Writes a value.
	 * @param value the value
	 * @return its bytes
	 * @throws RuntimeException if the value cannot be written
	 */
	byte[] write(Object value);

	/**
	 * Reads a value.
	 * @param <T> the type
	 * @param bytes the bytes
	 * @param type the type
	 * @return the value
	 * @throws RuntimeException if these bytes are no such value
	 */
	<T> T read(byte[] bytes, Class<T> type);

}
