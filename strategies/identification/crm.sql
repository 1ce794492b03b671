create table customer (
    account text not null primary key,
    name    text not null,
    tier    text not null default 'basic',
    number  text
);
