create table customer (
    number     text not null primary key,
    name       text not null,
    tier       text not null default 'basic',
    last_agent text
);
