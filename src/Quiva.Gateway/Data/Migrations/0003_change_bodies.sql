alter table changes add resource nvarchar(36) collate Latin1_General_100_BIN2 null;
