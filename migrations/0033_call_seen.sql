-- A call says now and then that it goes on; one that has not for long was ended by the end of its server.
alter table hotline_call add column seen_at_ms bigint;
update hotline_call set seen_at_ms = coalesce(ended_at_ms, opened_at_ms);
create index hotline_call_open on hotline_call (seen_at_ms) where ended_at_ms is null;
