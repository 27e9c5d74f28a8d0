-- The highest fencing token that has written under each lock (io.github.etcdlock.guard.JdbcFence).
-- Keys are compared byte by byte: for the usual collations "A" and "a " are the same as "a".
create table if not exists etcd_lock_fence (
  lock_key varbinary(512) not null primary key,
  writer_token bigint not null,
  reader_token bigint not null
) engine = InnoDB;
