-- The ledger, version 1. One append-only table in the order of commits, and one index that scatters.
--
-- Why no index over document ids: the ids of a register rise with its numbers, so a used one is recognised without
-- looking it up; every further index that scatters over the registers would cost a third of the speed.

create table register (
    no integer primary key,
    id text not null unique
) strict;

create table entry (
    seq integer primary key,             -- place in the whole ledger
    register_no integer not null,
    number integer not null,             -- the register's last document number at this version
    version integer not null,            -- place in the register, from 1, without gaps
    kind integer not null,               -- see ofd_server/storage/rows.py
    at integer not null,                 -- milliseconds UTC: received (documents) or recorded
    about integer,                       -- number of the document or period that a later entry speaks of
    flagged integer,                     -- 1 where anomalies were noticed
    document_kind text,
    operation text,
    shift integer,
    issued_at integer,
    total integer,
    protocol text,
    autonomous integer,
    autonomous_sign integer,
    period integer,
    sign text,
    key_id text,
    content blob,                        -- the business content as it came
    detail blob                          -- msgpack: what the other columns do not hold
) strict;

create unique index entry_of_register on entry (register_no, number, version);
create index entry_about on entry (register_no, about) where about is not null;
create index entry_autonomous on entry (register_no, autonomous_sign) where autonomous_sign is not null;
create index entry_flagged on entry (seq) where flagged is not null;

create table snapshot (
    register_no integer primary key,
    number integer not null,
    version integer not null,
    state blob not null
) strict;

create table note (
    register_no integer not null,
    number integer not null,
    kind text not null,
    at integer not null
) strict;

create index note_of_document on note (register_no, number);

create table batch (
    first_seq integer primary key,
    last_seq integer not null,
    taken_at integer not null,
    committed_at integer not null,
    answered_at integer not null
) strict;
