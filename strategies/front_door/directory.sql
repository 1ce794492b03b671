-- The directory: who works here, what they can, where calls arrive.
create table skill         (name text primary key);
create table agent         (name text primary key, display text not null default '');
create table agent_skill   (agent text references agent, skill text references skill, level integer, primary key (agent, skill));
create table "group"       (name text primary key);
create table group_member  ("group" text references "group", agent text references agent, primary key ("group", agent));
create table dn            (number text primary key, type text not null default 'extension');
create table queue         (name text primary key, dn text references dn);
create table routing_point (dn text primary key references dn, strategy text not null, defaults text not null default '',
                            answer_timeout_s integer not null default 10, router_grace_s integer not null default 60);

insert into agent (name, display) values
    ('marie', 'Marie Laurent');
insert into dn (number, type) values
    ('1800', 'routing_point'),
    ('1805', 'routing_point'),
    ('1806', 'routing_point'),
    ('1810', 'routing_point'),
    ('5000', 'queue'),
    ('5001', 'queue'),
    ('5002', 'queue'),
    ('5003', 'queue'),
    ('5004', 'queue'),
    ('7001', 'extension');
insert into queue (name, dn) values ('service', '5000'), ('sales', '5001'), ('crisis', '5002'), ('desk', '5003');
insert into routing_point (dn, strategy, defaults) values
    ('1800', 'front_door', '5004'),
    ('1805', 'front_door', '5004'),
    ('1806', 'front_door', '5004'),
    ('1810', 'front_door', '5004');
