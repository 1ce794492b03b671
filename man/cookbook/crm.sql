create table customer (number text primary key, name text not null, tier text not null, agent text, pin text not null);
create table message (number text not null, recording text not null);
create table shift (agent text not null, begins integer not null, ends integer not null);
