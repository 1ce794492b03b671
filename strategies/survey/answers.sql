create table answer (
    conn_id  text not null,
    agent    text not null,
    question text not null,
    mark     integer not null
);
