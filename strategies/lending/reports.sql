-- What became of each call, and whether people are lent at present: a row a queue, which is there from the beginning.
create table served (
    arrived  integer not null,
    waited_s integer not null,
    answered integer not null
);
create index served_arrived on served (arrived);
create table lending (
    queue  text not null primary key,
    active integer not null,
    since  integer not null
);
