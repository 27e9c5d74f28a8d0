package io.github.etcdlock.guard;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.util.ArrayList;
import java.util.List;

import javax.sql.DataSource;

import io.github.etcdlock.LockLostException;
import io.github.etcdlock.LockMode;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.mockito.AdditionalAnswers;
import org.mockito.BDDMockito;
import org.mockito.Mockito;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What the fence says to MySQL, which H2 understands. A plain read would begin MySQL's
 * snapshot, and so must not come before the statement that waits for the former holder.
 */
class JdbcFenceForMySqlTests {

	private final AsMySql jdbc = new AsMySql(dataSource());

	private final TransactionTemplate transactions = new TransactionTemplate(
			new JdbcTransactionManager(this.jdbc.getDataSource()));

	private final JdbcFence fence = new JdbcFence(this.jdbc);

	private static DataSource dataSource() {
		JdbcDataSource source = new JdbcDataSource();
		source.setURL("jdbc:h2:mem:mysql;MODE=MySQL;DB_CLOSE_DELAY=-1");
		new ResourceDatabasePopulator(new ClassPathResource("io/github/etcdlock/guard/schema-h2.sql")).execute(source);
		return source;
	}

	private void admit(long token) {
		this.jdbc.statements.clear();
		this.transactions.executeWithoutResult((status) -> this.fence.admit("a", LockMode.EXCLUSIVE, token));
	}

	@Test
	void nothingIsReadBeforeTheRowIsLocked() {
		admit(1);
		assertThat(this.jdbc.statements).allMatch((sql) -> !sql.startsWith("select"));
		admit(2);
		assertThat(this.jdbc.statements).hasSize(2).allMatch((sql) -> !sql.startsWith("select"));
		assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> admit(1));
		assertThat(this.jdbc.statements).filteredOn((sql) -> sql.startsWith("select"))
			.allMatch((sql) -> sql.endsWith(" for update"));
	}

	/** Says that it is MySQL, and remembers what it is told. */
	private static final class AsMySql extends JdbcTemplate {

		private final List<String> statements = new ArrayList<>();

		AsMySql(DataSource source) {
			super(source);
		}

		@Override
		public <T> T execute(ConnectionCallback<T> action) {
			return super.execute((ConnectionCallback<T>) (connection) -> {
				DatabaseMetaData about = Mockito.mock(DatabaseMetaData.class);
				BDDMockito.given(about.getDatabaseProductName()).willReturn("MySQL");
				Connection named = Mockito.mock(Connection.class, AdditionalAnswers.delegatesTo(connection));
				BDDMockito.willReturn(about).given(named).getMetaData();
				return action.doInConnection(named);
			});
		}

		@Override
		public int update(String sql, Object... arguments) {
			this.statements.add(sql);
			return super.update(sql, arguments);
		}

		@Override
		public <T> List<T> query(String sql, RowMapper<T> rows, Object... arguments) {
			this.statements.add(sql);
			return super.query(sql, rows, arguments);
		}

	}

}
