-- What a key could do before advice narrowed it, for as long as that can be taken back.
create table key_advice (
  key_id text collate "C" primary key references keys (id),
  workspace_id text collate "C" not null references workspaces (id),
  before jsonb not null,
  after jsonb not null,
  accepted_by text not null,
  accepted_at timestamptz not null
);
