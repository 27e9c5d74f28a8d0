package io.github.etcdlock.autoconfigure;

import javax.sql.DataSource;

import io.github.etcdlock.guard.JdbcFence;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * {@link org.springframework.boot.autoconfigure.EnableAutoConfiguration
 * Auto-configuration} for the fence around what is written to the application's database.
 */
@AutoConfiguration(after = EtcdLockAutoConfiguration.class,
		afterName = "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration")
@ConditionalOnClass(JdbcOperations.class)
@ConditionalOnSingleCandidate(DataSource.class)
public final class JdbcFenceAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	JdbcFence jdbcFence(DataSource dataSource, EtcdLockProperties properties) {
		String table = properties.fence().table();
		try {
			return new JdbcFence(new JdbcTemplate(dataSource), table);
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidEtcdLockPropertyException("fence.table", table, "is no name of a table",
					"Use letters, digits and underscores, with a schema in front if need be.");
		}
	}

}
