package io.github.etcdlock.autoconfigure;

import io.github.etcdlock.recipe.ValueFormat;
import tools.jackson.databind.json.JsonMapper;

/** Values as JSON, by the application's mapper. */
final class JsonValueFormat implements ValueFormat {

	private final JsonMapper mapper;

	JsonValueFormat(JsonMapper mapper) {
		this.mapper = mapper;
	}

	@Override
	public byte[] write(Object value) {
		return this.mapper.writeValueAsBytes(value);
	}

	@Override
	public <T> T read(byte[] bytes, Class<T> type) {
		return this.mapper.readValue(bytes, type);
	}

}
