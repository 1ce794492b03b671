-- Sixty more agents, so that a thousand calls find somebody: every other one speaks French, the others English.
insert into dn (number, type)
    with recursive n(i) as (select 1 union all select i + 1 from n where i < 60) select cast(8000 + i as text), 'extension' from n;
insert into agent (name, display)
    with recursive n(i) as (select 1 union all select i + 1 from n where i < 60) select printf('a%03d', i), printf('Agent %d', i) from n;
insert into agent_skill (agent, skill, level)
    with recursive n(i) as (select 1 union all select i + 1 from n where i < 60)
    select printf('a%03d', i), case i % 2 when 0 then 'French' else 'English' end, 8 + i % 3 from n;
insert into agent_skill (agent, skill, level)
    with recursive n(i) as (select 1 union all select i + 1 from n where i < 60) select printf('a%03d', i), 'Sales', 1 + i % 5 from n;
