insert into "secret_shares" ("id", "workspace_id", "key_id", "lookup", "sealed", "note", "created_by", "created_at", "expires_at") values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning "secret_shares"."id", "secret_shares"."workspace_id", "secret_shares"."key_id", "secret_shares"."note", "secret_shares"."created_by", "secret_shares"."created_at", "secret_shares"."expires_at", "secret_shares"."opened_at", "secret_shares"."opened_ip", "secret_shares"."revoked_at";

select "secret_shares"."id", "secret_shares"."workspace_id", "secret_shares"."key_id", "secret_shares"."note", "secret_shares"."created_by", "secret_shares"."created_at", "secret_shares"."expires_at", "secret_shares"."opened_at", "secret_shares"."opened_ip", "secret_shares"."revoked_at" from "secret_shares" where "id" = $1 for update;

select "secret_shares"."id", "secret_shares"."workspace_id", "secret_shares"."key_id", "secret_shares"."note", "secret_shares"."created_by", "secret_shares"."created_at", "secret_shares"."expires_at", "secret_shares"."opened_at", "secret_shares"."opened_ip", "secret_shares"."revoked_at" from "secret_shares" where "workspace_id" = $1 and "id" < $2 order by "id" desc limit $3;

select "secret_shares"."id", "secret_shares"."workspace_id", "secret_shares"."key_id", "secret_shares"."note", "secret_shares"."created_by", "secret_shares"."created_at", "secret_shares"."expires_at", "secret_shares"."opened_at", "secret_shares"."opened_ip", "secret_shares"."revoked_at" from "secret_shares" where "workspace_id" = $1 and "key_id" = $2 order by "id" desc limit $3;

select "secret_shares"."id", "secret_shares"."workspace_id", "secret_shares"."key_id", "secret_shares"."note", "secret_shares"."created_by", "secret_shares"."created_at", "secret_shares"."expires_at", "secret_shares"."opened_at", "secret_shares"."opened_ip", "secret_shares"."revoked_at", "keys"."name" as "key_name", "keys"."mode" as "key_mode", "keys"."status" as "key_status" from "secret_shares" inner join "keys" on "keys"."id" = "secret_shares"."key_id" where "secret_shares"."lookup" = $1;

update "secret_shares" set "revoked_at" = $1, "sealed" = $2 where "workspace_id" = $3 and "id" = $4 returning "secret_shares"."id", "secret_shares"."workspace_id", "secret_shares"."key_id", "secret_shares"."note", "secret_shares"."created_by", "secret_shares"."created_at", "secret_shares"."expires_at", "secret_shares"."opened_at", "secret_shares"."opened_ip", "secret_shares"."revoked_at";

update secret_shares set sealed = null where sealed is not null and expires_at <= $1::timestamptz;

with waiting as ( select s.id, s.sealed from secret_shares s join keys k on k.id = s.key_id where s.workspace_id = $1 and s.id = $2 and s.sealed is not null and s.expires_at > $3::timestamptz and k.status <> 'revoked' for update of s ) update secret_shares s set sealed = null, opened_at = $4, opened_ip = $5 from waiting w where s.id = w.id returning w.sealed;
