-- How old a view of the control plane may be, and which processes hold one.

-- Up to this revision the change log may lack rows: whoever saw no later one cannot be told what changed.
alter table revisions add column pruned_through bigint not null default 0;

-- A revision is a number of one history. A failover that lost the last changes, or a backup that was restored, comes to
-- the same number by another history: who saw a revision knows its stamp, too, and so whether it is still the same one.
alter table revisions add column stamp uuid not null default gen_random_uuid();
alter table change_log add column stamp uuid;

-- Processes of this installation that say at intervals that they are there.
create table nodes (
  id text collate "C" primary key,
  roles text[] not null,
  started_at timestamptz not null,
  seen_at timestamptz not null
);
