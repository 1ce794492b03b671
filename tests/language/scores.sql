create table likely (number text not null, agent text not null, chance real not null);
