delete from "roles" where "id" = $1;

insert into "roles" ("id", "workspace_id", "name", "scopes", "created_at", "updated_at") values ($1, $2, $3, $4, $5, $6) on conflict ("workspace_id", "name") do nothing returning *;

select * from "roles" order by "id" desc limit $1;

select * from "roles" where "id" = $1 and ("workspace_id" is null or "workspace_id" = $2) for share;

select * from "roles" where "id" = $1 for update;

select * from "roles" where "name" = $1 and "workspace_id" is not distinct from $2;

select * from (select * from (select * from "roles" where "workspace_id" = $1 and "id" < $2 order by "id" desc limit $3) as "own" union all select * from (select * from "roles" where "workspace_id" is null and "id" < $4 order by "id" desc limit $5) as "shared") as "roles" order by "id" desc limit $6;

select * from (select * from (select * from "roles" where "workspace_id" = $1 order by "id" desc limit $2) as "own" union all select * from (select * from "roles" where "workspace_id" is null order by "id" desc limit $3) as "shared") as "roles" order by "id" desc limit $4;

select *, (select roles.scopes from roles where roles.id = keys.role_id) as "role_scopes" from "keys" where "workspace_id" = $1 and "id" = $2;

update "roles" set "name" = $1, "updated_at" = $2 where "id" = $3 returning *;

update "roles" set "scopes" = $1, "updated_at" = $2 where "id" = $3 returning *;
