-- Two logins: one that migrates, and one that serves and can change no table. Run connected to the gateway's database, after
-- replacing both passwords. With Entra ID write "create user [name] from external provider" instead of the logins and their users.
create login gateway_migrate with password = N'replace-me-1', check_policy = on;
create login gateway_serve with password = N'replace-me-2', check_policy = on;
go
create user gateway_migrate for login gateway_migrate;
create user gateway_serve for login gateway_serve;
go
alter role db_ddladmin add member gateway_migrate;
alter role db_datareader add member gateway_migrate;
alter role db_datawriter add member gateway_migrate;
-- The run engine keeps its tables and procedures in a schema of its own, with a role that it makes and grants them to.
grant create schema to gateway_migrate;
grant create role to gateway_migrate;
go
grant select, insert, update, delete on schema::dbo to gateway_serve;
-- The audit trail is appended to, and read.
deny update on dbo.changes to gateway_serve;
go
-- After the first "migrate", when the engine's schema is there:
-- grant select, insert, update, delete, execute on schema::dt to gateway_serve;
