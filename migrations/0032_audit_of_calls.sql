-- What a seat's occupant reads of its rings comes from the chain itself: its lines name the seat.
create index audit_call on audit (object, seq) where act like 'call.%';
