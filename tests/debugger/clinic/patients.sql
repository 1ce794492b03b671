create table patient (number text primary key, name text not null, tier text not null, visits integer not null);
