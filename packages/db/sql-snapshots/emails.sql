insert into "emails" ("environment_id", "id", "from_mailbox", "recipients", "recipient_keys", "subject", "html", "text", "reply_to", "tags", "state", "reason", "headers", "next_attempt_at", "created_at") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) returning *;

select * from "emails" where "environment_id" = $1 and "id" = $2;

update emails set state = $1, reason = $2, attempts = attempts - $3::int, next_attempt_at = $4, sent_at = $5, lease_owner = case when $6::text = 'unknown' then lease_owner end, lease_until = null where environment_id = $7 and id = $8 and claims = $9 and lease_owner = $10 and state in ('claimed', 'attempting', 'unknown');

update emails set state = 'attempting', attempts = attempts + (state = 'claimed')::int, message_id = $1, reason = null, lease_until = $2 where environment_id = $3 and id = $4 and lease_owner = $5 and claims = $6 and state in ('claimed', 'attempting');

with due as ( select m.environment_id, m.id from emails m join environments e on e.id = m.environment_id and e.mode = $1 where m.state = 'queued' and m.next_attempt_at <= $2 order by m.next_attempt_at limit $3 for update of m skip locked ) update emails m set state = 'claimed', claims = m.claims + 1, lease_owner = $4, lease_until = $5 from due where m.environment_id = due.environment_id and m.id = due.id returning m.environment_id as "environmentId", m.id, m.from_mailbox as "from", m.recipients, m.subject, m.html, m.text, m.reply_to as "replyTo", m.headers, m.attempts, m.claims as claim, m.message_id as "messageId";

with expired as ( select environment_id, id, state from emails where state in ('claimed', 'attempting') and lease_until < $1 limit 1000 for update skip locked ) update emails m set state = case expired.state when 'claimed' then 'queued' else 'unknown' end, reason = case expired.state when 'claimed' then null else $2 end, lease_owner = case expired.state when 'claimed' then null else m.lease_owner end, lease_until = null from expired where m.environment_id = expired.environment_id and m.id = expired.id;

with held as ( select m.environment_id, m.id from unnest( $1::text[], $2::text[] ) as v (environment_id, id) join emails m using (environment_id, id) where m.lease_owner = $3 and m.state in ('claimed', 'attempting') for update of m skip locked ) update emails m set lease_until = $4 from held where m.environment_id = held.environment_id and m.id = held.id;
