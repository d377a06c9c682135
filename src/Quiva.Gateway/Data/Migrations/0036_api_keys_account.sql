-- additive
create index ix_api_keys_account on api_keys (account, id);
