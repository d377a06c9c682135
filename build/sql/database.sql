-- Makes the gateway's database as it should be. Run once by a sysadmin, in sqlcmd or Azure Data Studio, connected to master.
-- On Azure SQL make the database in the portal, leave out the first statement, and run the rest connected to it: row versions are on there.
create database Gateway;
go
alter database Gateway set read_committed_snapshot on with rollback immediate;
alter database Gateway set recovery full;
alter database Gateway set auto_close off;
alter database Gateway set auto_shrink off;
alter database Gateway set query_store = on;
go
