delete from "idempotency_keys" where ("environment_id", "operation", "idempotency_key") in (select "old"."environment_id", "old"."operation", "old"."idempotency_key" from "idempotency_keys" as "old" where "old"."created_at" < $1 order by "old"."created_at" limit $2);

insert into "idempotency_keys" ("environment_id", "operation", "idempotency_key", "request_hash", "status", "body", "created_at") values ($1, $2, $3, $4, $5, $6, $7) on conflict ("environment_id", "operation", "idempotency_key") do update set "request_hash" = $8, "status" = $9, "body" = $10, "created_at" = $11 where "idempotency_keys"."created_at" <= $12 returning "idempotency_key";

select "request_hash", "status", "body" from "idempotency_keys" where "environment_id" = $1 and "operation" = $2 and "idempotency_key" = $3;

update "idempotency_keys" set "status" = $1, "body" = $2 where "environment_id" = $3 and "operation" = $4 and "idempotency_key" = $5;
