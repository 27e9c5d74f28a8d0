create table if not exists item (name varchar(40) primary key, stock int not null);
create table if not exists sale (
  id bigint generated always as identity primary key,
  item varchar(40) not null,
  buyer varchar(40) not null,
  instance varchar(40) not null,
  token bigint
);
create table if not exists instance (name varchar(40) primary key, url varchar(200) not null);
