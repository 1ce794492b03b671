create table client (
    f0 text not null,
    f1 text,
    f2 integer not null,
    f3 integer
);
