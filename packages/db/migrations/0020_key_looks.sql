-- When the passing of time may next ask something of a key, so that a sweep reads those that are due and no others.
alter table keys
  -- the epoch: it has to be looked at, because something about it changed; null: time asks nothing of it
  add column next_look_at timestamptz default 'epoch',
  -- when its end was chosen, unless with its creation
  add column end_set_at timestamptz,
  -- when it was enabled last; it is unused since then at the earliest
  add column enabled_at timestamptz;
create index keys_to_look_at on keys (next_look_at)
  where status = 'active' and workspace_id is not null and next_look_at is not null;

-- A policy that changed: the id up to which its keys were told to be looked at again; null: all of them.
alter table policies add column told_through text collate "C";
