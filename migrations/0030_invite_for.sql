-- The post for which somebody is asked in to the hearing of a grievance: the authority as it was entered then.
alter table invite add column for_post_id text references post (id);
