"""Looking up the receipt behind a QR code."""

import asyncio
from dataclasses import replace

import pytest

from fiscal.domain.document import Delivery
from fiscal.domain.signs import Signer, SigningKey
from fiscal.errors import StorageError
from ofd_server.core.verify import Verdict, parse_qr
from ofd_server.receipts import Directory, Receipts
from tests.documents import T0
from tests.ofd_server.site import PROFILE, Site


async def found(site, qr):
    return await Receipts(site.ofd.service).find(parse_qr(qr))


async def test_a_receipt_by_its_registration_number():
    async with Site() as site:
        await site.registered()
        await site.sold()
        qr = (await site.sold())["qr"]
        receipt = await found(site, qr)
        assert receipt.verification.verdict is Verdict.GENUINE
        assert (receipt.verification.register, receipt.entry.number) == ("kkm-1", 2)
        assert receipt.profile == PROFILE


async def test_two_registers_of_one_registration_number():
    async with Site() as site:
        await site.registered("kkm-1")
        await site.registered("kkm-2")
        await site.sold("kkm-1")
        qr = (await site.sold("kkm-2"))["qr"]
        assert (await found(site, qr)).verification.register == "kkm-2"


async def test_a_register_that_comes_later_and_one_that_changes_its_name():
    async with Site() as site:
        receipts = Receipts(site.ofd.service)
        await site.registered("kkm-1")
        first = (await site.sold("kkm-1"))["qr"]
        assert (await receipts.find(parse_qr(first))).verification.verdict is Verdict.GENUINE

        await site.registered("kkm-2", profile=replace(PROFILE, rnm="020202020202"))
        second = (await site.sold("kkm-2"))["qr"]
        assert (await receipts.find(parse_qr(second))).verification.register == "kkm-2"

        await site.hello("kkm-1", profile=replace(PROFILE, rnm="030303030303"))
        third = (await site.sold("kkm-1"))["qr"]
        assert "f=030303030303" in third
        for qr in (first, third):
            assert (await receipts.find(parse_qr(qr))).verification.register == "kkm-1"


async def test_an_autonomous_receipt_by_its_own_sign():
    async with Site() as site:
        await site.registered()
        qr = (await site.sold(delivery=Delivery(autonomous=True, autonomous_sign=4711)))["qr"]
        sign = parse_qr(qr).sign
        assert (await found(site, qr.replace(f"i={sign}", "i=4711"))).verification.verdict is Verdict.GENUINE
        for other in ("4712", "0", str(2**31)):
            unknown = await found(site, qr.replace(f"i={sign}", f"i={other}"))
            assert (unknown.verification.verdict, unknown.entry) == (Verdict.UNKNOWN, None)


async def test_a_guessed_sign_finds_nothing():
    async with Site() as site:
        await site.registered()
        qr = (await site.sold())["qr"]
        sign = parse_qr(qr).sign
        wrong = sign[:-1] + str((int(sign[-1]) + 1) % 10)
        assert (await found(site, qr.replace(sign, wrong))).verification.verdict is Verdict.UNKNOWN
        assert (await found(site, qr.replace("f=0101", "f=9999"))).verification.verdict is Verdict.UNKNOWN


async def test_receipts_of_an_earlier_key_are_found():
    async with Site() as site:
        await site.registered()
        service = site.ofd.service
        old = service.signer.key
        qr = (await site.sold())["qr"]
        service.signer = Signer(SigningKey("new", b"n" * 16), earlier=(old,))
        newer = (await site.sold())["qr"]
        for text in (qr, newer):
            assert (await found(site, text)).verification.verdict is Verdict.GENUINE


async def test_the_names_are_read_once_whoever_asks():
    async with Site() as site:
        await site.registered()
        journal = site.ofd.journal
        reads = []
        registers = journal.registers

        async def slowly():
            reads.append(1)
            await asyncio.sleep(0.01)
            return await registers()

        journal.registers = slowly
        directory = Directory(site.ofd.service)
        assert await asyncio.gather(*(directory.ids_of(PROFILE.rnm) for _ in range(3))) == [(PROFILE.rnm, "kkm-1")] * 3
        assert len(reads) == 1


async def test_names_that_could_not_be_read_are_read_again():
    async with Site() as site:
        await site.registered()
        journal = site.ofd.journal
        registers = journal.registers

        async def fails():
            journal.registers = registers
            raise StorageError("gone")

        journal.registers = fails
        directory = Directory(site.ofd.service)
        with pytest.raises(StorageError):
            await directory.ids_of("x")
        assert await directory.ids_of("kkm-1") == ("kkm-1",)
        assert await directory.ids_of(PROFILE.rnm) == (PROFILE.rnm, "kkm-1")


async def test_a_russian_drive_is_a_name_as_well():
    async with Site() as site:
        await site.registered(profile=replace(PROFILE, fn_serial="9999078900001234"))
        directory = Directory(site.ofd.service)
        assert await directory.ids_of("9999078900001234") == ("9999078900001234", "kkm-1")


async def test_a_register_that_was_removed_still_vouches_for_its_receipts():
    async with Site() as site:
        await site.registered()
        qr = (await site.sold(issued_at=T0 - 1000))["qr"]
        await site.ask("DELETE", "/api/v1/registers/kkm-1")
        assert (await found(site, qr)).verification.verdict is Verdict.GENUINE
