-- The directory: who works here, what they can, and the queue to which gcx-sms(8) submits, numbers = "+33145550101=texts".
create table skill         (name text primary key);
create table agent         (name text primary key, display text not null default '');
create table agent_skill   (agent text references agent, skill text references skill, level integer, primary key (agent, skill));
create table "group"       (name text primary key);
create table group_member  ("group" text references "group", agent text references agent, primary key ("group", agent));
create table dn            (number text primary key, type text not null default 'extension');
create table queue         (name text primary key, dn text references dn);
create table routing_point (dn text primary key references dn, strategy text not null, defaults text not null default '');

insert into skill (name) values ('Texts');
insert into agent (name, display) values ('marie', 'Marie Laurent'), ('paul', 'Paul Adams');
insert into agent_skill (agent, skill, level) values ('marie', 'Texts', 9), ('paul', 'Texts', 2);
insert into dn (number, type) values ('texts', 'queue'), ('desk', 'queue');
insert into queue (name, dn) values ('texts', 'texts'), ('desk', 'desk');
insert into routing_point (dn, strategy) values ('texts', 'sms_paging');
