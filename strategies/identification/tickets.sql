create table ticket (
    id      integer primary key,
    account text not null,
    state   text not null
);
create table invoice (
    account text not null,
    due     integer not null,
    paid    integer not null default 0
);
