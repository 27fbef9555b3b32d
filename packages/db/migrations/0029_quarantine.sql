-- A key in quarantine reads only, from the networks that it was known from, and slowly. Its own rights stay as they are
-- for when it is released.
alter table keys
  add column quarantined_at timestamptz,
  add column quarantine_reason text,
  -- what is let in meanwhile; never empty, which would be everybody
  add column quarantine_networks text[],
  add constraint keys_quarantine check (
    (quarantined_at is null) = (quarantine_networks is null) and quarantine_networks <> '{}'
  );

alter table leaks drop constraint leaks_response_check;
alter table leaks add constraint leaks_response_check check (response in ('none', 'notified', 'quarantined', 'retired', 'revoked'));
