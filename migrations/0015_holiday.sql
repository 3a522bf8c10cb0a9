-- A day may be declared, taken back and declared again: each entry is a row of its own, and one of them stands.
-- `ordered_by`, `withdrawn_by`: the orders' numbers.
create table holiday_entry (
    body_id text not null references body (id),
    day text not null,
    kind text not null,
    entry bigint not null default 1,
    name_hi text not null,
    name_en text not null,
    ordered_by text,
    withdrawn_by text,
    primary key (body_id, day, kind, entry)
);
insert into holiday_entry (body_id, day, kind, name_hi, name_en, withdrawn_by)
    select body_id, day, kind, name_hi, name_en, withdrawn_by from holiday;
drop table holiday;
alter table holiday_entry rename to holiday;
create unique index holiday_standing on holiday (body_id, day, kind) where withdrawn_by is null;
