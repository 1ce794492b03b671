create table dn (number text primary key, type text not null);
create table queue (name text primary key, dn text references dn);
create table routing_point (dn text primary key references dn, strategy text not null, defaults text not null default '');
insert into dn values ('texts', 'queue'), ('letters', 'queue'), ('numbers', 'queue');
insert into queue values ('texts', 'texts'), ('letters', 'letters'), ('numbers', 'numbers');
insert into routing_point (dn, strategy) values ('texts', 'answers'), ('letters', 'reads'), ('numbers', 'adds');
