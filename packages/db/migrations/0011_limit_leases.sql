-- Rate limits that nodes share without Redis: how full each bucket is, in the time of the database. Nothing here is
-- worth a write-ahead log: after a crash the buckets are empty.
create unlogged table limit_leases (
  bucket text collate "C" primary key,
  count bigint not null,
  period_ms bigint not null,
  capacity bigint not null,
  level bigint not null,
  at_ms bigint not null,
  wanted bigint not null,
  granted bigint not null
) with (fillfactor = 50);
