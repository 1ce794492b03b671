create table a (x integer);
create tabel b (y integer);
