select revisions.revision, revisions.pruned_through, pg_is_in_recovery() as is_standby, changed.kind, changed.id
from revisions
left join lateral (
  select kind, id from change_log
  where change_log.revision > $1::bigint and $1::bigint >= revisions.pruned_through
  order by change_log.revision, kind, id
  limit 10001
) as changed on true;
