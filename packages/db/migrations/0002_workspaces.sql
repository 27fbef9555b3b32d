-- Workspaces own two environments each; every product row belongs to one environment.
create table workspaces (
  id text collate "C" primary key,
  name text not null,
  status text not null check (status in ('active', 'suspended')),
  created_at timestamptz not null,
  updated_at timestamptz not null
);

create table environments (
  id text collate "C" primary key,
  workspace_id text collate "C" not null references workspaces (id),
  mode text not null check (mode in ('live', 'test')),
  created_at timestamptz not null,
  unique (workspace_id, mode)
);

-- How much of a meter a live environment may use; without a row there is no limit.
create table quotas (
  environment_id text collate "C" not null references environments (id),
  meter text not null collate "C",
  amount bigint not null check (amount >= 0),
  primary key (environment_id, meter)
);
