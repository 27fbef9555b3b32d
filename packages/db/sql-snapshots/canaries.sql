insert into "canaries" ("id", "workspace_id", "name", "place", "created_by", "created_at") values ($1, $2, $3, $4, $5, $6) returning *;

select * from "canaries" where "id" = $1 for update;

select * from "canaries" where "workspace_id" = $1 and "id" < $2 order by "id" desc limit $3;

update "canaries" set "revoked_at" = $1 where "workspace_id" = $2 and "id" = $3 returning *;

update "canaries" set "uses" = uses + 1, "first_used_at" = coalesce(first_used_at, $1::timestamptz), "last_used_at" = greatest(last_used_at, $2::timestamptz), "last_used_ip" = $3, "last_user_agent" = $4 where "id" = $5 and "revoked_at" is null returning *;
