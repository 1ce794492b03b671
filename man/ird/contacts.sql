-- Of the contact store's tables, what these rows ask; gcx-store(5) has all of them.
create table contacts (id integer primary key, tenant text not null, name text, changed integer);
create table addresses (tenant text not null, kind text not null, address text not null, contact integer not null, primary key (tenant, kind, address));
create table fields (contact integer not null, name text not null, value text not null, primary key (contact, name));
create table interactions (id integer primary key, tenant text not null, media text not null, contact integer, direction text not null, subject text, agent text, received integer not null, ended integer);
create table responses (id integer primary key, tenant text not null, category text not null, name text not null, language text not null, subject text, text text not null);
