create table patient (number text primary key, tier text not null, visits integer not null);
