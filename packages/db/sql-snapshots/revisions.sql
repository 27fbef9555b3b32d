
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

select revisions.revision, revisions.pruned_through, pg_is_in_recovery() as is_standby, changed.kind, changed.id
from revisions
left join lateral (
  select kind, id from change_log
  where change_log.revision > $1::bigint and $1::bigint >= revisions.pruned_through
  order by change_log.revision, kind, id
  limit 10001
) as changed on true;

with "raised" as (update "revisions" set "revision" = revision + 1 returning "revision"), "logged" as (insert into "change_log" ("revision", "kind", "id", "at") select distinct "raised"."revision", "changed"."kind", "changed"."id", $1::timestamptz as "at" from "raised", unnest($2::text[], $3::text[]) as changed(kind, id)) select "raised"."revision", pg_notify('letterlock_revisions', '') as "notified" from "raised";
