select asked.place, (select revision from revisions),
  keys.id, keys.name, keys.mode,
  case when keys.status = 'active' and keys.quarantined_at is not null then 'quarantined' else keys.status end, keys.workspace_id, keys.environment_id, keys.role_id, workspaces.plan_id,
  workspaces.status, keys.scopes, (select scopes from roles where roles.id = keys.role_id), coalesce(keys.quarantine_networks, keys.ip_allow),
  keys.rate_limits, workspaces.rate_limits, (select rate_limits from plans where plans.id = workspaces.plan_id),
  keys.created_at, keys.expires_at, secret.version, secret.digest, secret.pepper_version, secret.retires_at,
  pg_is_in_recovery()
from unnest($1::text[]) with ordinality as asked (id, place)
left join lateral (
  select * from keys where id >= least(asked.id, (select max(id) from keys)) order by id limit 1
) as keys on true
left join workspaces on workspaces.id = keys.workspace_id
left join lateral (
  select version, digest, pepper_version, retires_at from key_secrets
  where key_secrets.key_id = keys.id order by version desc limit 20
) as secret on true;

select asked.place, (select revision from revisions),
  keys.id, keys.name, keys.mode,
  case when keys.status = 'active' and keys.quarantined_at is not null then 'quarantined' else keys.status end, keys.workspace_id, keys.environment_id, keys.role_id, workspaces.plan_id,
  workspaces.status, keys.scopes, (select scopes from roles where roles.id = keys.role_id), coalesce(keys.quarantine_networks, keys.ip_allow),
  keys.rate_limits, workspaces.rate_limits, (select rate_limits from plans where plans.id = workspaces.plan_id),
  keys.created_at, keys.expires_at, secret.version, secret.digest, secret.pepper_version, secret.retires_at,
  pg_is_in_recovery(), found.lookup
from unnest($1::text[]) with ordinality as asked (lookup, place)
left join lateral (
  select key_id, lookup from key_secrets
  where lookup >= least(asked.lookup, (select max(lookup) from key_secrets where lookup is not null)) order by lookup limit 1
) as found on true
left join keys on keys.id = found.key_id
left join workspaces on workspaces.id = keys.workspace_id
left join lateral (
  select version, digest, pepper_version, retires_at from key_secrets
  where key_secrets.key_id = keys.id order by version desc limit 20
) as secret on true;

select asked.place, (select revision from revisions),
  keys.id, keys.name, keys.mode,
  case when keys.status = 'active' and keys.quarantined_at is not null then 'quarantined' else keys.status end, keys.workspace_id, keys.environment_id, keys.role_id, workspaces.plan_id,
  workspaces.status, keys.scopes, (select scopes from roles where roles.id = keys.role_id), coalesce(keys.quarantine_networks, keys.ip_allow),
  keys.rate_limits, workspaces.rate_limits, (select rate_limits from plans where plans.id = workspaces.plan_id),
  keys.created_at, keys.expires_at, secret.version, token.digest, token.pepper_version, secret.retires_at,
  pg_is_in_recovery(), null, token.id, token.scopes, token.expires_at, token.revoked_at
from unnest($1::text[]) with ordinality as asked (id, place)
left join lateral (
  select * from access_tokens where id >= least(asked.id, (select max(id) from access_tokens)) order by id limit 1
) as token on true
left join keys on keys.id = token.key_id
left join workspaces on workspaces.id = keys.workspace_id
left join key_secrets as secret on secret.key_id = token.key_id and secret.version = token.secret_version;

select prefix from import_prefixes;
