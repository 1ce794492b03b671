create table customer (account text primary key not null, name text not null, tier text not null, number text not null);
