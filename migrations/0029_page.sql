-- Pages of a paper that a citizen showed in a meeting and gave to the office: a picture each.
create table kept_page (
    appointment_id text not null references appointment (id),
    number bigint not null,
    file_id text not null references file (id),
    kept_at_ms bigint not null,
    primary key (appointment_id, number)
);
