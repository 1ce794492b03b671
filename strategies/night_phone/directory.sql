-- The directory: who works here, which telephones stand where nobody is logged in, where calls arrive.
create table skill         (name text primary key);
create table agent         (name text primary key, display text not null default '');
create table agent_skill   (agent text references agent, skill text references skill, level integer, primary key (agent, skill));
create table "group"       (name text primary key);
create table group_member  ("group" text references "group", agent text references agent, primary key ("group", agent));
create table dn            (number text primary key, type text not null default 'extension');
create table place         (name text primary key);
create table place_dn      (dn text primary key references dn, place text references place);
create table group_place   ("group" text references "group", place text references place, primary key ("group", place));
create table queue         (name text primary key, dn text references dn);
create table routing_point (dn text primary key references dn, strategy text not null, defaults text not null default '',
                            answer_timeout_s integer not null default 10, router_grace_s integer not null default 60);

insert into skill (name) values ('Exchange');
insert into agent (name, display) values ('marie', 'Marie Laurent');
insert into agent_skill (agent, skill, level) values ('marie', 'Exchange', 7);
insert into "group" (name) values ('watch');
insert into dn (number, type) values
    ('1800', 'routing_point'),
    ('5000', 'queue'),
    ('6001', 'extension'),
    ('6101', 'extension'),
    ('6102', 'extension'),
    ('6103', 'extension'),
    ('7001', 'extension');
insert into place (name) values ('porter'), ('ward_1'), ('ward_2'), ('gate');
insert into place_dn (dn, place) values ('6001', 'porter'), ('6101', 'ward_1'), ('6102', 'ward_2'), ('6103', 'gate');
insert into group_place ("group", place) values ('watch', 'ward_1'), ('watch', 'ward_2'), ('watch', 'gate');
insert into queue (name, dn) values ('desk', '5000');
insert into routing_point (dn, strategy, defaults) values ('1800', 'night_phone', '5000');
