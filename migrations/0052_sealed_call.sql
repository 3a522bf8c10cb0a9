-- Since when a call of two seats is sealed: its sound and pictures are encrypted from page to page. Never taken back.
alter table hotline_call add column sealed_at_ms bigint;
