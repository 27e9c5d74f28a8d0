create sequence if not exists sale_number;
create table if not exists item (name varchar(40) primary key, stock int not null);
create table if not exists sale (
  id bigint generated always as identity primary key,
  item varchar(40) not null,
  buyer varchar(40) not null,
  instance varchar(40) not null,
  token bigint
);
create table if not exists visit (
  item varchar(40) not null,
  buyer varchar(40) not null,
  instance varchar(40) not null,
  came bigint not null,
  held bigint,
  done bigint,
  ended bigint,
  token bigint,
  outcome varchar(10),
  primary key (item, buyer)
);
create table if not exists parcel (
  item varchar(40) not null,
  buyer varchar(40) not null,
  instance varchar(40) not null,
  delivery int not null,
  primary key (item, buyer)
);
