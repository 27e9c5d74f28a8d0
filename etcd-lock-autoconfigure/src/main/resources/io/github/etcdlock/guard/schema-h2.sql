-- The highest fencing token that has written under each lock (io.github.etcdlock.guard.JdbcFence).
create table if not exists etcd_lock_fence (
  lock_key varchar(512) not null primary key,
  writer_token bigint not null,
  reader_token bigint not null
);
