-- For how many days usage is kept, the same on every node: one row, read by whoever saves and whoever drops.
create table usage_retention (
  singleton boolean primary key default true check (singleton),
  request_days integer not null check (request_days > 0),
  minute_days integer not null check (minute_days > 0),
  attempt_days integer not null check (attempt_days > 0),
  changed_at timestamptz
);
insert into usage_retention (request_days, minute_days, attempt_days) values (30, 90, 30);
