-- The directory: who works here, where calls arrive, and where messages wait.
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
    ('marie', 'Marie Laurent'),
    ('paul', 'Paul Petit');
insert into "group" (name) values ('service_people');
insert into group_member ("group", agent) values
    ('service_people', 'marie'),
    ('service_people', 'paul');
insert into dn (number, type) values
    ('1800', 'routing_point'),
    ('5000', 'queue'),
    ('5001', 'queue'),
    ('7001', 'extension'),
    ('7002', 'extension');
insert into queue (name, dn) values
    ('messages', '5001'),
    ('desk', '5000');
insert into routing_point (dn, strategy, defaults) values
    ('1800', 'voice_message', '5000'),
    ('5001', 'message', '');
