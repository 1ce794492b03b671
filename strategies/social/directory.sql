-- The directory: who works here, what they can, how many conversations they have at once, and the queue to which
-- gcx-webhook(8) submits: queue = "social".
create table skill         (name text primary key);
create table agent         (name text primary key, display text not null default '', capacity text);
create table agent_skill   (agent text references agent, skill text references skill, level integer, primary key (agent, skill));
create table "group"       (name text primary key);
create table group_member  ("group" text references "group", agent text references agent, primary key ("group", agent));
create table dn            (number text primary key, type text not null default 'extension');
create table queue         (name text primary key, dn text references dn);
create table routing_point (dn text primary key references dn, strategy text not null, defaults text not null default '',
                            answer_timeout_s integer not null default 10, router_grace_s integer not null default 60);

insert into skill (name) values ('Social');
insert into agent (name, display, capacity) values
    ('marie', 'Marie Laurent', 'writing'),
    ('paul', 'Paul Adams', 'writing'),
    ('tom', 'Tom Hill', 'writing');
insert into agent_skill (agent, skill, level) values
    ('marie', 'Social', 9),
    ('paul', 'Social', 6),
    ('tom', 'Social', 2);
insert into dn (number, type) values
    ('social', 'queue'),
    ('desk', 'queue');
insert into queue (name, dn) values ('social', 'social'), ('desk', 'desk');
insert into routing_point (dn, strategy) values ('social', 'social');
