-- Keys that were issued elsewhere: known by a digest of the SHA-256 of their tokens, which have no key id in them.
alter table keys
  add column imported_at timestamptz,
  -- when the token itself was first seen, and its digest became that of a key of our own
  add column upgraded_at timestamptz,
  -- what the platform that it came from calls it
  add column external_id text,
  add constraint keys_imported check (imported_at is not null or (upgraded_at is null and external_id is null));

-- HMAC of the SHA-256 under the pepper of the row, as hexadecimal digits; null: a secret of our own, which is found by its
-- key id. Stays through the upgrade, so that a token is never imported twice.
alter table key_secrets add column lookup text collate "C";
create unique index key_secrets_of_foreign_tokens on key_secrets (lookup) where lookup is not null;

-- What foreign tokens begin with. Only such a text is ever looked up.
create table import_prefixes (
  prefix text collate "C" primary key,
  created_by text,
  created_at timestamptz not null
);
