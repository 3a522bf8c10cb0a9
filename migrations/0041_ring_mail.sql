-- Evenings on which the occupants of seats were told of the rings and looks of their day.
create table ring_mail (
    day text primary key,
    -- What began before this was told by it.
    until_ms bigint not null
);
