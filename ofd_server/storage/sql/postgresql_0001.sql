-- The ledger, version 1, for many nodes at once.
--
-- The register stands first in the key of everything that belongs to one, so that a distributed engine keeps a register
-- in one place. Two small tables belong to none: writer and batch. No sequence, no serial: places in the order of the
-- whole ledger come from ofd_server/storage/places.py.

create table register (
    id text collate "C" primary key,
    version bigint not null,             -- of its newest entry; a row at 0 was never committed
    seq bigint not null,                 -- place of its newest entry
    born bigint not null                 -- place of its first entry
) with (fillfactor = 50);                -- moves with every document: room for the next version in the same page

create table entry (
    seq bigint not null,                 -- place in the whole ledger
    number bigint not null,              -- the register's last document number at this version
    version bigint not null,             -- place in the register, from 1, without gaps
    at bigint not null,                  -- milliseconds UTC: received (documents) or recorded
    about bigint,                        -- number of the document or period that a later entry speaks of
    shift bigint,
    issued_at bigint,
    total bigint,
    autonomous_sign bigint,
    period bigint,
    kind smallint not null,              -- see ofd_server/storage/rows.py
    flagged smallint,                    -- 1 where anomalies were noticed
    autonomous smallint,
    register_id text collate "C" not null,
    document_kind text collate "C",
    operation text collate "C",
    protocol text collate "C",
    sign text collate "C",
    key_id text collate "C",
    content bytea,                       -- the business content as it came
    detail bytea,                        -- msgpack: what the other columns do not hold
    primary key (register_id, number, version)
);

create index entry_place on entry (seq);
create index entry_about on entry (register_id, about) where about is not null;
create index entry_autonomous on entry (register_id, autonomous_sign) where autonomous_sign is not null;
create index entry_flagged on entry (seq) where flagged is not null;

create table snapshot (
    register_id text collate "C" primary key,
    number bigint not null,
    version bigint not null,
    state bytea not null
);

create table note (
    register_id text collate "C" not null,
    number bigint not null,
    place bigint not null,               -- keeps the order in which they were written
    kind text collate "C" not null,
    at bigint not null,
    primary key (register_id, number, place)
);

create table batch (
    first_seq bigint primary key,
    last_seq bigint not null,
    taken_at bigint not null,
    committed_at bigint not null,
    answered_at bigint not null
);

-- Who writes locks a row of these, takes its places above the floor and leaves the new floor; who reads in the order of
-- the ledger lifts the floors to the newest place that it sees, which waits for whoever is writing below it.
create table writer (
    no integer primary key,
    floor bigint not null
) with (fillfactor = 20);

insert into writer (no, floor) select no, 0 from generate_series(0, 63) as no;
