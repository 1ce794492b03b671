-- The directory: who works here, what they can, what they take at once, and where calls, chats and mails arrive.
create table skill         (name text primary key);
create table agent         (name text primary key, display text not null default '', capacity text);
create table agent_skill   (agent text references agent, skill text references skill, level integer, primary key (agent, skill));
create table "group"       (name text primary key);
create table group_member  ("group" text references "group", agent text references agent, primary key ("group", agent));
create table dn            (number text primary key, type text not null default 'extension');
create table queue         (name text primary key, dn text references dn);
create table routing_point (dn text primary key references dn, strategy text not null, defaults text not null default '',
                            answer_timeout_s integer not null default 10, router_grace_s integer not null default 60);

insert into skill (name) values ('Service');
insert into agent (name, display, capacity) values
    ('marie', 'Marie Laurent', 'blended'),
    ('paul', 'Paul Adams', 'blended'),
    ('tom', 'Tom Hill', 'writing');
insert into agent_skill (agent, skill, level) values
    ('marie', 'Service', 9),
    ('paul', 'Service', 6),
    ('tom', 'Service', 3);
insert into "group" (name) values ('writers');
insert into group_member ("group", agent) values ('writers', 'tom');
insert into dn (number, type) values
    ('1800', 'routing_point'),
    ('5000', 'queue'),
    ('web', 'queue'),
    ('letters', 'queue'),
    ('outgoing', 'queue'),
    ('parked', 'queue'),
    ('7001', 'extension'),
    ('7002', 'extension');
insert into queue (name, dn) values ('phones', '5000'), ('web', 'web'), ('letters', 'letters'), ('outgoing', 'outgoing'),
    ('parked', 'parked');
insert into routing_point (dn, strategy, defaults) values
    ('1800', 'calls', '5000'),
    ('web', 'chats', ''),
    ('letters', 'mails', ''),
    ('outgoing', 'replies', '');
