-- Servers that write to this database, and when each last said so: what one keeps in memory depends on whether it is alone.
create table node (
    id text primary key,
    seen_at_ms bigint not null
);
