-- Whom to ask about a key and where it is kept, what a root key may grant, and an index that answers every filter of the list of keys.
alter table keys
  -- who answers for it, and where it is kept
  add column owner text,
  add column stored_in text,
  -- scopes of API keys that a root key may give; null: any
  add column grants text[],
  add constraint keys_grants_of_root check (grants is null or mode = 'root'),
  -- Never later than the last use (the creation, when there was none), and about a day earlier at most: it moves once
  -- a day, so that an index can have it while last_used_at moves every few seconds in place. -infinity: not known.
  add column last_used_floor timestamptz not null default '-infinity';

-- In the order of a list, newest first when read backwards. What follows the id is compared inside the index, so a list
-- reads the rows that it answers with and no others, whichever filters it has. POSIX orders as C does, and tells this
-- order from that of the primary key, which the planner would take for it and then read every row. See decisions/017.
create index keys_listed on keys
  (workspace_id, id collate "POSIX", status, mode, (coalesce(expires_at, 'infinity')), last_used_floor, owner, created_by);
drop index keys_of_workspace;
