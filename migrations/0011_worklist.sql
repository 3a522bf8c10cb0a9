-- What a worklist asks: who else asks for the same, and which requests have climbed to this desk.
create index citizen_name on citizen (name);
create index appointment_climbed on appointment (climbed_post_id);
