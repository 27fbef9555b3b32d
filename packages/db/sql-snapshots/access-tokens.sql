delete from access_tokens where id in (select id from access_tokens where expires_at < $1::timestamptz order by expires_at limit 10000);

insert into "access_tokens" ("id", "key_id", "secret_version", "digest", "pepper_version", "scopes", "created_at", "expires_at") values ($1, $2, $3, $4, $5, $6, $7, $8);

update "access_tokens" set "revoked_at" = $1 where "key_id" = $2 and "id" = $3 and "revoked_at" is null;
