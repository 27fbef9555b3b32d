select revisions.revision,
  keys.id, keys.name, keys.mode, keys.status, keys.workspace_id, keys.environment_id, keys.role_id, workspaces.plan_id,
  workspaces.status, keys.scopes, roles.scopes, keys.ip_allow,
  keys.rate_limits, workspaces.rate_limits, plans.rate_limits, keys.created_at, keys.expires_at,
  secrets.version, secrets.digest, secrets.pepper_version, secrets.retires_at
from revisions
left join keys on keys.id = coalesce((select asked.id from keys as asked where asked.id = $1::text), $2::text)
left join workspaces on workspaces.id = keys.workspace_id
left join plans on plans.id = workspaces.plan_id
left join roles on roles.id = keys.role_id
left join lateral (
  select version, digest, pepper_version, retires_at from key_secrets
  where key_secrets.key_id = keys.id order by version desc limit 20
) as secrets on true;

select coalesce(
  (select id from keys where workspace_id is not null order by id limit 1),
  (select id from keys order by id limit 1)
) as id;
