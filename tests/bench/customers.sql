create table customer (account text primary key, tier text not null, language text not null);
