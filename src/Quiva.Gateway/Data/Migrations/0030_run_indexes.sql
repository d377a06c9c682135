-- additive
-- The engine knows runs by their ids alone; of a run that it can't process the row is looked for.
create index ix_runs_id on runs (id);

-- Configurations that no run uses any more are removed with the last run that did.
create index ix_runs_config on runs (account, config_id);

-- The queue of an account, in the order in which its runs may begin.
create index ix_runs_queue on runs (account, due_at, id) where status = 'queued';
