create table dn (number text primary key, type text not null);
create table queue (name text primary key, dn text references dn);
create table routing_point (dn text primary key references dn, strategy text not null, defaults text not null default '');
insert into dn values ('4711', 'routing_point'), ('4712', 'routing_point'), ('texts', 'queue'), ('letters', 'queue'), ('posts', 'queue'), ('5000', 'queue');
insert into queue values ('desk', '5000'), ('texts', 'texts'), ('letters', 'letters'), ('posts', 'posts');
insert into routing_point (dn, strategy) values ('4711', 'calls'), ('4712', 'tells'), ('texts', 'answers'), ('letters', 'reads'), ('posts', 'posted');
