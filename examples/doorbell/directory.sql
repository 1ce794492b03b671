-- Doors are routing points, named as the station calls them; phones inside are where queues are.
create table dn            (number text primary key, type text not null default 'extension');
create table queue         (name text primary key, dn text references dn);
create table routing_point (dn text primary key references dn, strategy text not null, defaults text not null default '',
                            answer_timeout_s integer not null default 10, router_grace_s integer not null default 60);

insert into dn (number, type) values ('gate', 'routing_point'), ('ramp', 'routing_point'),
    ('201', 'queue'), ('202', 'queue'), ('200', 'queue');
insert into queue (name, dn) values ('office', '201'), ('workshop', '202'), ('porter', '200');
-- Of whom gcxvm says nothing for 3 seconds gets phone 200.
insert into routing_point (dn, strategy, defaults, answer_timeout_s, router_grace_s) values
    ('gate', 'entrance', '200', 3, 5), ('ramp', 'entrance', '200', 3, 5);
