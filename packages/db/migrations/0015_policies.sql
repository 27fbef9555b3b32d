-- What keys must be like, for one workspace or ('') for the whole installation. Both hold.
create table policies (
  workspace_id text collate "C" primary key,
  rules jsonb not null,
  updated_at timestamptz not null
);
