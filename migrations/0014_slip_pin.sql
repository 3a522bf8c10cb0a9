-- The PIN of a slip follows from the installation's key for every appointment, so that no row holds anything of it.
alter table assisted drop column pin_hash;
