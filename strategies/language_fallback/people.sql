-- Which language somebody spoke with us the last time.
create table caller (
    number   text not null primary key,
    language text not null
);
