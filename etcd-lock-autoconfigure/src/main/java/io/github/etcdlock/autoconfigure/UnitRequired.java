package io.github.etcdlock.autoconfigure;

import java.time.Duration;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationPropertiesBindHandlerAdvisor;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.core.env.PropertyResolver;

/**
 * Refuses durations without a unit under {@code etcd-lock}: Spring Boot would take
 * {@code ttl: 30} for thirty milliseconds.
 */
final class UnitRequired implements ConfigurationPropertiesBindHandlerAdvisor {

	private static final ConfigurationPropertyName ROOT = ConfigurationPropertyName.of("etcd-lock");

	private final PropertyResolver placeholders;

	UnitRequired(PropertyResolver placeholders) {
		this.placeholders = placeholders;
	}

	@Override
	public BindHandler apply(BindHandler handler) {
		return new AbstractBindHandler(handler) {

			@Override
			public @Nullable Object onSuccess(ConfigurationPropertyName name, Bindable<?> target, BindContext context,
					Object result) {
				ConfigurationProperty property = context.getConfigurationProperty();
				if (property != null && ROOT.isAncestorOf(name) && target.getType().resolve() == Duration.class) {
					check(name, String.valueOf(property.getValue()));
				}
				return super.onSuccess(name, target, context, result);
			}

		};
	}

	private void check(ConfigurationPropertyName name, String raw) {
		String value = this.placeholders.resolvePlaceholders(raw).strip();
		if (value.matches("[+-]?\\d+") && !value.matches("[+-]?0+")) {
			throw new InvalidEtcdLockPropertyException(name.subName(1).toString(), value, "has no unit",
					"Write it with its unit, such as 500ms, " + value.replaceFirst("^[+-]", "") + "s or 2m.");
		}
	}

}
