insert into "policies" ("workspace_id", "rules", "updated_at") values ($1, $2, $3) on conflict ("workspace_id") do nothing;

select "keys"."scopes", "policies"."rules" from "keys" left join "policies" on "policies"."workspace_id" = "keys"."workspace_id" where "keys"."role_id" = $1 and "keys"."status" <> $2 group by "keys"."workspace_id", "keys"."scopes", "policies"."rules";

select "rules" from "policies" where "workspace_id" = $1 for update;

select "workspace_id", "rules" from "policies" where workspace_id = any($1::text[]);

update "policies" set "rules" = $1, "updated_at" = $2, "told_through" = $3 where "workspace_id" = $4;
