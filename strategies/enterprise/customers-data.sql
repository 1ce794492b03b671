-- Customers for the demonstration and the tests over the wire.
insert into customer (account, name, tier, language) values
    ('4711', 'Dupont',   'gold',   'French'),
    ('4712', 'Smith',    'silver', 'English'),
    ('4713', 'Lefevre',  'basic',  'French'),
    ('4714', 'O''Brien', 'basic',  null);
