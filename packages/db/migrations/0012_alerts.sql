-- What people should know of a workspace, each once: `occasion` is what makes one alert of a kind about a subject
-- another than the next (a threshold, a period, the end of a key).
create table alerts (
  id text collate "C" primary key,
  workspace_id text collate "C" not null references workspaces (id),
  kind text not null collate "C",
  subject text not null collate "C",
  occasion text not null collate "C",
  detail jsonb not null,
  at timestamptz not null,
  acknowledged_at timestamptz,
  acknowledged_by text,
  unique (workspace_id, kind, subject, occasion)
);
create index alerts_of_workspace on alerts (workspace_id, id);
create index alerts_open on alerts (workspace_id, id) where acknowledged_at is null;
