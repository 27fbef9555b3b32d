
    with moved as (
      update key_secrets
      set digest = $1, lookup = $2, pepper_version = $3
      where key_id = $4 and version = $5 and digest = $6 and lookup is not null
      returning key_id
    ),
    noted as (
      update keys set upgraded_at = $7 from moved
      where keys.id = moved.key_id and keys.imported_at is not null and keys.upgraded_at is null
    )
    select key_id from moved
  ;

insert into "import_prefixes" ("prefix", "created_by", "created_at") values ($1, $2, $3) on conflict ("prefix") do nothing;

lock table import_prefixes in share row exclusive mode;

select "key_secrets"."lookup", "keys"."id", "keys"."workspace_id", "keys"."mode" from "key_secrets" inner join "keys" on "keys"."id" = "key_secrets"."key_id" where "key_secrets"."lookup" = any($1::text[]);

select "prefix" from "import_prefixes" order by "prefix";
