-- What a plan costs, in minor units of its currency; what of it is included, what more of it costs, and how much may
-- be used: quotas refuse what is beyond them, soft quotas only say so.
alter table plans
  add column price bigint not null default 0 check (price >= 0),
  add column currency text not null default 'USD' check (currency ~ '^[A-Z]{3}$'),
  -- { meter: amount } of a month
  add column included jsonb not null default '{}',
  -- { meter: { price, per } }: `price` for each `per` units
  add column overage jsonb not null default '{}',
  -- { meter: amount } of a month
  add column soft_quotas jsonb not null default '{}',
  -- names of what the platform does for workspaces on the plan
  add column features jsonb not null default '[]';

-- One of both at least; `amount` null: nothing is refused.
alter table quotas alter column amount drop not null;
alter table quotas
  add column soft_amount bigint check (soft_amount >= 0),
  add constraint quotas_bound check (amount is not null or soft_amount is not null);
