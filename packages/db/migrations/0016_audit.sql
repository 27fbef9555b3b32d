-- The end of each chain, kept beside it: a chain that was cut short, or continued by another hand, is seen.
create table audit_heads (
  workspace_id text collate "C" primary key,
  sequence bigint not null,
  hash bytea not null
);
insert into audit_heads (workspace_id, sequence, hash)
select distinct on (workspace_id) workspace_id, sequence, hash from audit_events order by workspace_id, sequence desc;

-- Searches are of one chain, newest first.
create index audit_events_by_actor on audit_events (workspace_id, actor, sequence);
create index audit_events_by_action on audit_events (workspace_id, action, sequence);
create index audit_events_by_target on audit_events (workspace_id, target, sequence);
create index audit_events_by_time on audit_events (workspace_id, at);
