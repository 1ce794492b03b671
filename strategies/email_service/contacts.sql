-- What the strategy reads of the contact store: gcx-store(5) has the whole. The source may be the store's own file.
create table addresses (
    tenant  text not null,
    kind    text not null,
    address text not null,
    contact integer not null,
    primary key (tenant, kind, address)
);
create table interactions (
    id       integer primary key,
    tenant   text not null,
    media    text not null,
    contact  integer,
    agent    text,
    received integer not null
);
