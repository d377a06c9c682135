-- What is looked for each minute: runs that have been under way for too long.
create index ix_runs_deadline on runs (deadline_at) where status = 'running';

-- And each second: accounts with runs that wait for a place.
create index ix_run_accounts_queued on run_accounts (queued, running);
