-- How old a view of the control plane may be, and which processes hold one.

-- Up to this revision the change log may lack rows: whoever saw no later one cannot be told what changed.
alter table revisions add column pruned_through bigint not null default 0;

-- Processes of this installation that say at intervals that they are there.
create table nodes (
  id text collate "C" primary key,
  roles text[] not null,
  started_at timestamptz not null,
  seen_at timestamptz not null
);
