
    select not exists (select from workspaces) and not exists (select from keys) as empty
  ;

insert into "environments" ("workspace_id", "created_at", "id", "mode") values ($1, $2, $3, $4), ($5, $6, $7, $8);

insert into "quotas" ("environment_id", "meter", "amount") values ($1, $2, $3);

insert into "workspaces" ("id", "name", "status", "created_at", "updated_at") values ($1, $2, $3, $4, $5);

select "workspaces".*, coalesce(plans.features, '[]') as "features", "live"."id" as "live_environment_id", "test"."id" as "test_environment_id" from "workspaces" inner join "environments" as "live" on "live"."workspace_id" = "workspaces"."id" and "live"."mode" = $1 inner join "environments" as "test" on "test"."workspace_id" = "workspaces"."id" and "test"."mode" = $2 left join "plans" on "plans"."id" = "workspaces"."plan_id" order by "workspaces"."id" desc limit $3;

select "workspaces".*, coalesce(plans.features, '[]') as "features", "live"."id" as "live_environment_id", "test"."id" as "test_environment_id" from "workspaces" inner join "environments" as "live" on "live"."workspace_id" = "workspaces"."id" and "live"."mode" = $1 inner join "environments" as "test" on "test"."workspace_id" = "workspaces"."id" and "test"."mode" = $2 left join "plans" on "plans"."id" = "workspaces"."plan_id" where "workspaces"."id" < $3 order by "workspaces"."id" desc limit $4;

select "workspaces".*, coalesce(plans.features, '[]') as "features", "live"."id" as "live_environment_id", "test"."id" as "test_environment_id" from "workspaces" inner join "environments" as "live" on "live"."workspace_id" = "workspaces"."id" and "live"."mode" = $1 inner join "environments" as "test" on "test"."workspace_id" = "workspaces"."id" and "test"."mode" = $2 left join "plans" on "plans"."id" = "workspaces"."plan_id" where "workspaces"."id" = $3;

update "workspaces" set "status" = $1, "updated_at" = $2 where "id" = $3 and "status" <> $4;
