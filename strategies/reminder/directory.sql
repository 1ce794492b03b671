-- The directory: who works here, where answered calls are routed from, and the campaign, which is called as its routing
-- point is. Eight ports of the machine may be busy at once, and nobody is called who has not agreed to be reminded.
create table skill         (name text primary key);
create table agent         (name text primary key, display text not null default '');
create table agent_skill   (agent text references agent, skill text references skill, level integer, primary key (agent, skill));
create table "group"       (name text primary key);
create table group_member  ("group" text references "group", agent text references agent, primary key ("group", agent));
create table dn            (number text primary key, type text not null default 'extension');
create table queue         (name text primary key, dn text references dn);
create table routing_point (dn text primary key references dn, strategy text not null, defaults text not null default '',
                            answer_timeout_s integer not null default 10, router_grace_s integer not null default 60);
create table rule_set      (name text primary key, ports integer not null, of_day integer not null);
create table campaign      (name text primary key references routing_point, mode text not null, agents text references "group",
                            consent text, rule_set text references rule_set);

insert into skill (name) values ('Reception');
insert into agent (name, display) values
    ('marie', 'Marie Laurent'),
    ('paul', 'Paul Adams');
insert into agent_skill (agent, skill, level) values
    ('marie', 'Reception', 7),
    ('paul', 'Reception', 3);
insert into dn (number, type) values
    ('reminders', 'routing_point'),
    ('5000', 'queue'),
    ('7001', 'extension'),
    ('7002', 'extension');
insert into queue (name, dn) values ('desk', '5000');
insert into routing_point (dn, strategy, defaults) values ('reminders', 'reminder', '5000');
insert into rule_set (name, ports, of_day) values ('machine', 8, 3);
insert into campaign (name, mode, consent, rule_set) values ('reminders', 'power', 'reminders', 'machine');
