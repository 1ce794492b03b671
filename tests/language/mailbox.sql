create table message (
    number integer primary key,
    caller text not null,
    recording text not null
);
