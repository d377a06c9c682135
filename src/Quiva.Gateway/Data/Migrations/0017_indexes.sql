-- additive
-- No statement finds changes by subject or by resource alone any more, nor connections by their expiry; the audit trail is read by account.
drop index ix_changes_subject on changes;
drop index ix_changes_resource on changes;
drop index ix_oauth_connections_expires_at on oauth_connections;
create index ix_changes_account on changes (account, sequence);
