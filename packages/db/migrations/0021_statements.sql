-- What a plan cost from when on. A month is paid for by what held at its start, or when the workspace came to the plan.
create table plan_terms (
  plan_id text collate "C" not null references plans (id),
  from_at timestamptz not null,
  price bigint not null,
  currency text not null,
  included jsonb not null,
  overage jsonb not null,
  primary key (plan_id, from_at)
);
insert into plan_terms select id, created_at, price, currency, included, overage from plans;

-- Which plan a workspace was on from when on; null: on none.
create table plan_spans (
  workspace_id text collate "C" not null references workspaces (id),
  from_at timestamptz not null,
  plan_id text collate "C" references plans (id),
  primary key (workspace_id, from_at)
);
insert into plan_spans select id, now(), plan_id from workspaces where plan_id is not null;

-- The plan a workspace comes to by itself at a time; `next_plan_id` null with a time: to none.
alter table workspaces
  add column next_plan_id text collate "C" references plans (id),
  add column next_plan_at timestamptz,
  add constraint workspaces_next_plan check (next_plan_at is not null or next_plan_id is null);
create index workspaces_next_plan on workspaces (next_plan_at) where next_plan_at is not null;

-- What a workspace owes for a month, in one currency. Written once, never changed.
create table statements (
  id text collate "C" primary key,
  workspace_id text collate "C" not null references workspaces (id),
  month timestamptz not null,
  currency text not null,
  -- in minor units, the sum of the lines
  total bigint not null,
  lines jsonb not null,
  at timestamptz not null,
  unique (workspace_id, month, currency)
);
create index statements_of_workspace on statements (workspace_id, id);

-- How far the statements of a month are made, by the ids of the workspaces.
create table statement_months (
  month timestamptz primary key,
  through_workspace_id text collate "C" not null default '',
  closed_at timestamptz
);
