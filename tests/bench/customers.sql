create table customer (account text primary key, segment text not null, language text not null);
