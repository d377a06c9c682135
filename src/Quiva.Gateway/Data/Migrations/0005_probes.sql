-- One row, written now and then to see whether anything can be written. It tells nothing.
create table probes (
    id int not null,
    probed_at datetimeoffset(3) not null,
    constraint pk_probes primary key (id)
);

insert into probes (id, probed_at) values (1, '2026-01-01T00:00:00+00:00');
