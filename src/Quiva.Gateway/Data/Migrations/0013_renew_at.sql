update oauth_connections
   set renew_at = expires_at
 where refresh_token is not null and (refresh_error is null or refresh_error <> 'invalid_grant');

create index ix_oauth_connections_renew_at on oauth_connections (renew_at);
