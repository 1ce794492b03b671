create table customer (number text primary key, name text not null, tier text not null, agent text, pin text not null);
create table message (number text not null, recording text not null);
