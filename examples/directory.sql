-- The directory of gcxvm(8): who works here, what they can, where calls arrive. Read at the start and at SIGHUP.
create table skill         (name text primary key);
create table agent         (name text primary key, display text not null default '');
create table agent_skill   (agent text references agent, skill text references skill, level integer,
                            primary key (agent, skill));
create table "group"       (name text primary key);
create table group_member  ("group" text references "group", agent text references agent,
                            primary key ("group", agent));
create table dn            (number text primary key, type text not null default 'extension');
create table queue         (name text primary key, dn text references dn);
create table routing_point (dn text primary key references dn, strategy text not null, defaults text not null default '',
                            answer_timeout_s integer not null default 10, router_grace_s integer not null default 60);

-- For example:
-- insert into skill values ('French');
-- insert into agent values ('marie', 'Marie Laurent');
-- insert into agent_skill values ('marie', 'French', 9);
-- insert into dn (number, type) values ('1800', 'routing_point'), ('5000', 'queue');
-- insert into queue values ('desk', '5000');
-- insert into routing_point (dn, strategy, defaults) values ('1800', 'enterprise', '5000');
