-- The directory: who knows what, how many conversations they take at once, and the queues that gcx-im(8) has:
-- queues = "billing,contracts,everyone,pool". Calls are handed on to 1900 (gcx-desk(8), asks_to).
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
    ('everyone', 'queue'),
    ('pool', 'queue'),
    ('1900', 'routing_point'),
    ('desk', 'queue');
insert into queue (name, dn) values ('billing', 'billing'), ('contracts', 'contracts'),
    ('everyone', 'everyone'), ('pool', 'pool'), ('desk', 'desk');
insert into routing_point (dn, strategy) values ('billing', 'knowledge_worker'), ('contracts', 'knowledge_worker'),
    ('everyone', 'all_at_once'), ('pool', 'round_the_pool'), ('1900', 'hand_on');
