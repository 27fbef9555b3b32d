-- Rate limits that nodes share without Redis: how full each bucket is, in the time of the database. It is logged:
-- otherwise each bucket would give a whole burst again after a crash or a failover.
create table limit_leases (
  bucket text collate "C" primary key,
  count bigint not null,
  period_ms bigint not null,
  capacity bigint not null,
  level bigint not null,
  at_ms bigint not null,
  wanted bigint not null,
  granted bigint not null
) with (fillfactor = 50);
