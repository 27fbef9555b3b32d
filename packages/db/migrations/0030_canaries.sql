-- Keys that open nothing, left where nobody should look; whoever tries one is noticed. Their ids look like those of keys.
create table canaries (
  id text collate "C" primary key,
  workspace_id text collate "C" not null references workspaces (id),
  name text not null,
  -- where it was left
  place text,
  created_by text not null,
  created_at timestamptz not null,
  revoked_at timestamptz,
  uses bigint not null default 0,
  first_used_at timestamptz,
  last_used_at timestamptz,
  last_used_ip text,
  last_user_agent text
);
create index canaries_of_workspace on canaries (workspace_id, id);
