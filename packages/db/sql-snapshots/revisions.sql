
    with old as (select revision from change_log where at < $1 order by revision limit $2),
    last as (select max(revision) as revision from old),
    pruned as (delete from change_log using last where change_log.revision <= last.revision returning 1),
    noted as (
      update revisions set pruned_through = last.revision
      from last where last.revision > revisions.pruned_through
    )
    select count(*) as removed from pruned
  ;

select "revision" from "revisions" for update;

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

with "raised" as (update "revisions" set "revision" = revision + 1, "stamp" = gen_random_uuid() returning "revision", "stamp"), "logged" as (insert into "change_log" ("revision", "kind", "id", "at", "stamp") select distinct "raised"."revision", "changed"."kind", "changed"."id", $1::timestamptz as "at", "raised"."stamp" from "raised", unnest($2::text[], $3::text[]) as changed(kind, id)) select "raised"."revision", pg_notify('letterlock_revisions', '') as "notified" from "raised";
