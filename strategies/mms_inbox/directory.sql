-- The directory: who works here, what they can, how many messages they have at once, and the queue to which gcx-mms(8)
-- submits: numbers = "+33145550101=messages".
create table skill         (name text primary key);
create table agent         (name text primary key, display text not null default '', capacity text);
create table agent_skill   (agent text references agent, skill text references skill, level integer, primary key (agent, skill));
create table "group"       (name text primary key);
create table group_member  ("group" text references "group", agent text references agent, primary key ("group", agent));
create table dn            (number text primary key, type text not null default 'extension');
create table queue         (name text primary key, dn text references dn);
create table routing_point (dn text primary key references dn, strategy text not null, defaults text not null default '');

insert into skill (name) values ('Pictures');
insert into agent (name, display, capacity) values ('marie', 'Marie Laurent', 'looking'), ('paul', 'Paul Adams', 'looking');
insert into agent_skill (agent, skill, level) values ('marie', 'Pictures', 9), ('paul', 'Pictures', 2);
insert into dn (number, type) values ('messages', 'queue'), ('desk', 'queue');
insert into queue (name, dn) values ('messages', 'messages'), ('desk', 'desk');
insert into routing_point (dn, strategy) values ('messages', 'mms_inbox');
