-- Policy that keys and workspaces share: roles are named sets of scopes, plans are rate limits and quotas.
create table roles (
  id text collate "C" primary key,
  -- null: a role of the installation, for the keys of every workspace
  workspace_id text collate "C" references workspaces (id),
  name text not null,
  scopes text[] not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique nulls not distinct (workspace_id, name)
);
create index roles_of_workspace on roles (workspace_id, id);

create table plans (
  id text collate "C" primary key,
  name text not null unique,
  rate_limits jsonb not null default '[]',
  -- { meter: amount } of a month; a meter without an entry has no limit
  quotas jsonb not null default '{}',
  created_at timestamptz not null,
  updated_at timestamptz not null
);

alter table keys
  add column role_id text collate "C" references roles (id),
  add constraint keys_root_without_role check (role_id is null or mode <> 'root');
create index keys_of_role on keys (role_id, id) where role_id is not null;

alter table workspaces
  add column plan_id text collate "C" references plans (id),
  add column rate_limits jsonb not null default '[]';
create index workspaces_of_plan on workspaces (plan_id, id) where plan_id is not null;

-- Where an amount comes from: set for the workspace itself, or by its plan. The workspace's own has precedence.
alter table quotas add column origin text not null default 'own' check (origin in ('own', 'plan'));
