create table customer (number text primary key, name text not null);
