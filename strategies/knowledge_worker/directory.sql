-- The directory: who knows what, how many conversations they take at once, and the queues that gcx-im(8) has:
-- queues = "billing,contracts".
create table skill         (name text primary key);
create table agent         (name text primary key, display text not null default '', capacity text);
create table agent_skill   (agent text references agent, skill text references skill, level integer, primary key (agent, skill));
create table "group"       (name text primary key);
create table group_member  ("group" text references "group", agent text references agent, primary key ("group", agent));
create table dn            (number text primary key, type text not null default 'extension');
create table queue         (name text primary key, dn text references dn);
create table routing_point (dn text primary key references dn, strategy text not null, defaults text not null default '',
                            answer_timeout_s integer not null default 10, router_grace_s integer not null default 60);

insert into skill (name) values ('Billing'), ('Contracts');
insert into agent (name, display, capacity) values
    ('kim', 'Kim Lane', 'asked'),
    ('lee', 'Lee Smith', 'asked');
insert into agent_skill (agent, skill, level) values
    ('kim', 'Billing', 9),
    ('lee', 'Billing', 7),
    ('lee', 'Contracts', 8);
insert into dn (number, type) values
    ('billing', 'queue'),
    ('contracts', 'queue'),
    ('desk', 'queue');
insert into queue (name, dn) values ('billing', 'billing'), ('contracts', 'contracts'), ('desk', 'desk');
insert into routing_point (dn, strategy) values ('billing', 'knowledge_worker'), ('contracts', 'knowledge_worker');
