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

insert into skill (name) values ('French'), ('English'), ('Dutch'), ('German'), ('Turkish'), ('Arabic');
insert into agent (name, display) values
    ('fr', 'Anne Dubois'),
    ('nl', 'Jan Peeters'),
    ('de', 'Eva Braun-Meyer'),
    ('en', 'Tom Hill'),
    ('tr', 'Aylin Kaya'),
    ('ar', 'Samir Haddad');
insert into agent_skill (agent, skill, level) values
    ('fr', 'French', 10),
    ('fr', 'English', 6),
    ('nl', 'Dutch', 10),
    ('nl', 'French', 5),
    ('de', 'German', 9),
    ('en', 'English', 10),
    ('tr', 'Turkish', 9),
    ('tr', 'Dutch', 7),
    ('ar', 'Arabic', 9),
    ('ar', 'French', 8);
insert into dn (number, type) values
    ('1800', 'routing_point'),
    ('5000', 'queue'),
    ('5001', 'queue'),
    ('5002', 'queue'),
    ('7001', 'extension'),
    ('7002', 'extension'),
    ('7003', 'extension'),
    ('7004', 'extension'),
    ('7005', 'extension'),
    ('7006', 'extension');
insert into queue (name, dn) values ('interpreters', '5000'), ('desk', '5001');
insert into routing_point (dn, strategy, defaults) values
    ('1800', 'language_fallback', '5002');
