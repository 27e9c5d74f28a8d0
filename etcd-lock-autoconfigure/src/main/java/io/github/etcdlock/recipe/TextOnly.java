package io.github.etcdlock.recipe;

/** What there is without Jackson: says what is missing. */
final class TextOnly implements ValueFormat {

	@Override
	public byte[] write(Object value) {
		throw refusal(value.getClass());
	}

	@Override
	public <T> T read(byte[] bytes, Class<T> type) {
		throw refusal(type);
	}

	private static IllegalStateException refusal(Class<?> type) {
		return new IllegalStateException("Values of type " + type.getName() + " need a ValueFormat: "
				+ "add Jackson (spring-boot-starter-jackson) or a ValueFormat bean, or use String or byte[]");
	}

}
