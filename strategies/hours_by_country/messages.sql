-- Who was told that it is closed, and when they may be rung.
create table missed (
    number  text not null,
    country text not null,
    opens   integer
);
