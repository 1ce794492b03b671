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

insert into skill (name) values ('Mortgages'), ('Insurance'), ('Senior');
insert into agent (name, display) values
    ('ida', 'Ida Lund'),
    ('ben', 'Ben Weiss'),
    ('tom', 'Tom Hill');
insert into agent_skill (agent, skill, level) values
    ('ida', 'Mortgages', 8),
    ('ben', 'Insurance', 8),
    ('tom', 'Senior', 5),
    ('tom', 'Mortgages', 3);
insert into dn (number, type) values
    ('1850', 'routing_point'),
    ('5000', 'queue'),
    ('7001', 'extension'),
    ('7002', 'extension'),
    ('7003', 'extension');
insert into queue (name, dn) values ('desk', '5000');
insert into routing_point (dn, strategy, defaults) values
    ('1850', 'consultation', '5000');
