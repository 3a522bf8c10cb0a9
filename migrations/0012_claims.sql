-- A claim's post and person are those of its appointment's act, which names them from rows that it has read: the key to the
-- appointment keeps the claim from outliving it, and two keys a cell fewer are looked up.
create table claim (
    post_id text not null,
    cell bigint not null,
    person_id text,
    appointment_id text not null references appointment (id),
    expires_at_ms bigint,
    primary key (post_id, cell),
    unique (person_id, cell)
);
insert into claim (post_id, cell, person_id, appointment_id, expires_at_ms)
    select post_id, cell, person_id, appointment_id, expires_at_ms from claim_cell;
drop table claim_cell;
alter table claim rename to claim_cell;
create index claim_cell_appointment on claim_cell (appointment_id);
create index claim_cell_lapses on claim_cell (expires_at_ms) where expires_at_ms is not null;

-- Few requests wait for an answer, and few have climbed: an ordinary appointment stands in neither list.
drop index appointment_due;
create index appointment_due on appointment (answer_due_at_ms) where state = 'requested';
drop index appointment_climbed;
create index appointment_climbed on appointment (climbed_post_id) where climbed_post_id is not null;
