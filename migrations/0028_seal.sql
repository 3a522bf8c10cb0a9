-- Since when a meeting is confidential: its sound and pictures are encrypted from page to page. Never taken back.
alter table meeting add column sealed_at_ms bigint;
