"""Every error of the register has its status, and only one with a document has a number."""

import inspect
import json

import pytest

from fiscal import errors as domain_errors
from fiscal.domain.lifecycle import BlockReason
from fiscal.errors import DiskFull, FiscalError, InvalidValue, StorageBusy
from kkt_client.core import errors as register_errors
from kkt_client.core.errors import DocumentRefused, KeyReused, MemoryStopped, NotEnoughCash, RegisterBlocked
from mock_ofd.kkt_service.answers import problem, status_of

ELSEWHERE = {
    # Somebody spoke against a protocol of the wire; and what stands above the others.
    "ProtocolError",
    "LocalProtocolError",
    "RemoteProtocolError",
    "DeliveryError",
    "Undeliverable",
    "FiscalError",
}


def test_every_error_that_a_register_raises_has_a_status():
    for module in (domain_errors, register_errors):
        for name, class_ in inspect.getmembers(module, inspect.isclass):
            if issubclass(class_, FiscalError) and name not in ELSEWHERE:
                assert status_of(class_.__new__(class_)) != 500, name
    assert status_of(FiscalError()) == 500


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (
            InvalidValue("items[0].price", "is wrong", "not_whole"),
            422,
            {"code": "not_whole", "field": "items[0].price", "text": "is wrong"},
        ),
        (NotEnoughCash(7, 5), 422, {"code": "not_enough_cash", "field": "", "needed": 7, "available": 5}),
        (KeyReused("a", 7), 409, {"code": "key_reused", "field": "", "key": "a"}),
        (
            DocumentRefused(7, "shift_expired", "shift", "old"),
            409,
            {"code": "document_refused", "field": "shift", "number": 7, "refusal": "shift_expired"},
        ),
        (
            RegisterBlocked(BlockReason.BY_OPERATOR, "долг", 7),
            423,
            {"code": "register_blocked", "field": "", "number": 7, "reason": "by_operator"},
        ),
        (
            RegisterBlocked(BlockReason.BY_OPERATOR, "долг"),
            423,
            {"code": "register_blocked", "field": "", "reason": "by_operator"},
        ),
        (DiskFull("no room"), 507, {"code": "disk_full", "field": "", "text": "no room"}),
        (MemoryStopped("it broke"), 503, {"code": "memory_stopped", "field": "", "text": "it broke"}),
        (StorageBusy("process 5"), 503, {"code": "storage_busy", "field": "", "text": "process 5"}),
    ],
)
def test_an_error_and_its_facts(error, status, told):
    response = problem(error)
    assert isinstance(response.body, bytes)
    found = json.loads(response.body)["error"]
    assert response.status == status
    assert {name: value for name, value in found.items() if name != "text" or "text" in told} == told
    assert ("Retry-After" in response.headers) == (status == 503)
