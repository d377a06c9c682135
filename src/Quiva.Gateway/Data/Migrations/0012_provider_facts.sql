alter table oauth_configs add options nvarchar(max) null;
alter table oauth_configs add token_params varbinary(max) null;
alter table oauth_configs add token_auth_hint nvarchar(30) null;

alter table oauth_connections add renew_at datetimeoffset(3) null;
alter table oauth_connections add refresh_failures int null;
alter table oauth_connections add status_since datetimeoffset(3) null;
alter table oauth_connections add lifetime_seconds bigint null;
alter table oauth_connections add granted_scopes nvarchar(4000) null;
alter table oauth_connections add variables varbinary(max) null;
alter table oauth_connections add grantee varbinary(32) null;

alter table oauth_sign_ins add variables varbinary(max) null;
