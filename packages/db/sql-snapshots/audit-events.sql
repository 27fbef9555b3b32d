analyze audit_events;

explain (select * from "audit_events" where "workspace_id" = $1 and "sequence" < $2 and "action" = $3 order by "sequence" desc limit $4);

explain (select * from "audit_events" where "workspace_id" = $1 and "sequence" < $2 and "actor" = $3 order by "sequence" desc limit $4);

explain (select * from "audit_events" where "workspace_id" = $1 and "sequence" < $2 and "at" >= $3 and "at" < $4 order by "sequence" desc limit $5);

explain (select * from "audit_events" where "workspace_id" = $1 and "sequence" < $2 and "target" = $3 order by "sequence" desc limit $4);

explain (select * from "audit_events" where "workspace_id" = $1 and "sequence" < $2 order by "sequence" desc limit $3);

insert into "audit_events" ("workspace_id", "sequence", "id", "at", "actor", "action", "target", "before", "after", "ip", "request_id", "revision", "previous_hash", "hash") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);

insert into "audit_events" ("workspace_id", "sequence", "id", "at", "actor", "action", "target", "ip", "request_id", "revision", "before", "after", "previous_hash", "hash") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);

insert into "audit_heads" ("workspace_id", "sequence", "hash") values ($1, $2, $3) on conflict ("workspace_id") do update set "sequence" = $4, "hash" = $5;

select "revision" from "revisions";

select "sequence", "hash" from "audit_heads" where "workspace_id" = $1;

select * from "audit_events" where "workspace_id" = $1 and "sequence" > $2 order by "sequence" limit $3;

select max("sequence") as "sequence" from "audit_events" where "workspace_id" = $1;

with "raised" as (update "revisions" set "revision" = revision + 1, "stamp" = gen_random_uuid() returning "revision", "stamp"), "logged" as (insert into "change_log" ("revision", "kind", "id", "at", "stamp") select distinct "raised"."revision", "changed"."kind", "changed"."id", $1::timestamptz as "at", "raised"."stamp" from "raised", unnest($2::text[], $3::text[]) as changed(kind, id)) select "raised"."revision", pg_notify('letterlock_revisions', '') as "notified" from "raised";
