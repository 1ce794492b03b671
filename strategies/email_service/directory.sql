-- The directory: who works here, what they can, and the queues to which gcx-email(8) submits, addresses =
-- "service@shop.example=mails", and gcx-desk(8), outbound = "outgoing". Who takes how many mails at once is the site's capacity; without one, one.
create table skill         (name text primary key);
create table agent         (name text primary key, display text not null default '');
create table agent_skill   (agent text references agent, skill text references skill, level integer, primary key (agent, skill));
create table "group"       (name text primary key);
create table group_member  ("group" text references "group", agent text references agent, primary key ("group", agent));
create table dn            (number text primary key, type text not null default 'extension');
create table queue         (name text primary key, dn text references dn);
create table routing_point (dn text primary key references dn, strategy text not null, defaults text not null default '',
                            answer_timeout_s integer not null default 10, router_grace_s integer not null default 60);

insert into skill (name) values ('Service'), ('Review');
insert into agent (name, display) values
    ('marie', 'Marie Laurent'),
    ('paul', 'Paul Adams'),
    ('tom', 'Tom Hill');
insert into agent_skill (agent, skill, level) values
    ('marie', 'Service', 9),
    ('paul', 'Service', 6),
    ('tom', 'Service', 2),
    ('tom', 'Review', 1);
insert into dn (number, type) values
    ('mails', 'queue'),
    ('outgoing', 'queue'),
    ('approved', 'queue'),
    ('desk', 'queue');
insert into queue (name, dn) values ('mails', 'mails'), ('outgoing', 'outgoing'), ('approved', 'approved'), ('desk', 'desk');
insert into routing_point (dn, strategy) values
    ('mails', 'email_service'),
    ('outgoing', 'review'),
    ('approved', 'send');
