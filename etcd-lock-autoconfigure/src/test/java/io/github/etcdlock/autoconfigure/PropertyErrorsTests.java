package io.github.etcdlock.autoconfigure;

import java.util.List;
import java.util.stream.Stream;

import javax.sql.DataSource;

import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import io.github.etcdlock.docs.ErrorTable;

import static org.assertj.core.api.Assertions.assertThat;

/** Every wrong property of docs/errors.md. */
class PropertyErrorsTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(SslAutoConfiguration.class, EmbeddedEtcdAutoConfiguration.class,
				EtcdLockAutoConfiguration.class, EtcdLockAopAutoConfiguration.class, EtcdRecipesAutoConfiguration.class,
				EtcdRegistryAutoConfiguration.class, JdbcFenceAutoConfiguration.class))
		.withBean(DataSource.class, JdbcDataSource::new);

	static List<ErrorTable.Row> rows() {
		return ErrorTable.under("Properties");
	}

	@ParameterizedTest
	@MethodSource("rows")
	void wrongPropertyIsNamedWithItsCure(ErrorTable.Row row) {
		String[] properties = Stream.of(row.wrong().split(" and "))
			.map((property) -> (property.startsWith("spring.") ? "" : "etcd-lock.") + property.replace("\\0", "\0"))
			.toArray(String[]::new);
		this.runner.withPropertyValues(properties)
			.run((context) -> assertThat(context).getFailure().hasStackTraceContaining(row.message()));
	}

}
