-- The ledger, version 2. No index scatters over the registers any more: each begins with the era of an entry, which is its
-- place in the ledger by 2,048s (ofd_server/storage/eras.py). What a commit adds lies together in the index, whichever
-- registers it is of; who looks for the entries of one register looks into era after era.

-- Where the entries of a register begin, so that nobody looks before that.
alter table register add column since integer not null default 1;
update register set since = coalesce(
    (select seq from entry where register_no = register.no order by number, version limit 1), 1
);

-- The place of the entry behind which the state was kept.
alter table snapshot add column seq integer not null default 1;
update snapshot set seq = coalesce(
    (
        select entry.seq from entry
        where entry.register_no = snapshot.register_no
            and entry.number = snapshot.number and entry.version = snapshot.version
    ), 1
);

drop index entry_of_register;
drop index entry_autonomous;
create unique index entry_of_register on entry (seq >> 11, register_no, number, version);
create index entry_autonomous on entry (seq >> 11, register_no, autonomous_sign) where autonomous_sign is not null;
