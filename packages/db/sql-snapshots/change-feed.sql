select revisions.revision, revisions.stamp, revisions.pruned_through, pg_is_in_recovery() as is_standby,
  case
    when $2::uuid is null then true
    when $1::bigint = revisions.revision then $2::uuid = revisions.stamp
    else $1::bigint = 0 or exists (select from change_log where change_log.revision = $1::bigint and change_log.stamp = $2::uuid)
  end as is_known,
  changed.kind, changed.id
from revisions
left join lateral (
  select kind, id from change_log
  where change_log.revision > $1::bigint and $1::bigint >= revisions.pruned_through
  order by change_log.revision, kind, id
  limit 10001
) as changed on true;
