insert into "alerts" ("id", "workspace_id", "kind", "subject", "occasion", "detail", "at") values ($1, $2, $3, $4, $5, $6, $7) on conflict ("workspace_id", "kind", "subject", "occasion") do nothing;

select * from "alerts" where "id" = $1 for update;

select * from "alerts" where "workspace_id" = $1 and "acknowledged_at" is not null order by "id" desc limit $2;

select * from "alerts" where "workspace_id" = $1 and "acknowledged_at" is null order by "id" desc limit $2;

select * from "alerts" where "workspace_id" = $1 and "id" < $2 order by "id" desc limit $3;

select * from "alerts" where "workspace_id" = $1 and "kind" = $2 order by "id" desc limit $3;

select * from "alerts" where "workspace_id" = $1 and "subject" = $2 order by "id" desc limit $3;

select * from "alerts" where "workspace_id" = $1 order by "id" desc limit $2;

update "alerts" set "acknowledged_at" = $1, "acknowledged_by" = $2 where "workspace_id" = $3 and "id" = $4 returning *;
