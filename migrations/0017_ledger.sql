-- How far each ledger of live meetings is written. A ledger numbers its entries before it tries to write them, so that one
-- whose commit was never answered is not written a second time. A row for each start of a server.
create table ledger (
    id text primary key,
    written bigint not null
);
