create table product (number text primary key, kind text not null, name text not null, price integer not null);
