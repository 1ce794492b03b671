create table customer (account text not null, language text, desk text not null, opens text not null);
