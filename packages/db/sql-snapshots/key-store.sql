select revisions.revision,
  keys.id, keys.name, keys.mode, keys.status, keys.workspace_id, keys.environment_id, keys.role_id, workspace.plan_id,
  workspace.status, keys.scopes, (select scopes from roles where roles.id = keys.role_id), keys.ip_allow,
  keys.rate_limits, workspace.rate_limits, (select rate_limits from plans where plans.id = workspace.plan_id),
  keys.created_at, keys.expires_at, secret.version, secret.digest, secret.pepper_version, secret.retires_at
from revisions
left join keys on keys.id = coalesce((select asked.id from keys as asked where asked.id = $1::text), $2::text)
left join lateral (
  select status, plan_id, rate_limits from workspaces where workspaces.id = keys.workspace_id limit 1
) as workspace on true
left join lateral (
  select version, digest, pepper_version, retires_at from key_secrets
  where key_secrets.key_id = keys.id order by version desc limit 20
) as secret on true;

select coalesce(
  (select id from keys where workspace_id is not null order by id limit 1),
  (select id from keys order by id limit 1)
) as id;
