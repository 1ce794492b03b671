create table customer (id text primary key, number text not null, name text not null, tier text not null);
create table shift (agent text not null, begins integer not null, ends integer not null);
create table service (id text primary key, customer text not null, state text not null);
