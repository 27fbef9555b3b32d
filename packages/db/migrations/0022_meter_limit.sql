-- How much of a meter an environment may use; null: there is no limit. It is volatile, and so sees what was committed
-- until this moment, also within a statement that began before and has waited for the row of a balance.
create function meter_limit(environment text, of_meter text) returns bigint language plpgsql volatile as $$
begin
  return (select amount from quotas where environment_id = environment and meter = of_meter);
end $$;
