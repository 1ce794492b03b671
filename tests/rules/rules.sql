create table t (k text primary key, n integer);
