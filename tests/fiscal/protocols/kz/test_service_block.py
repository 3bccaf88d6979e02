"""What stands beside a command: profiles, offline periods, ads."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.domain.identifiers import check_bin, check_rnm_kz
from fiscal.domain.register import RegisterProfile, Taxation, Taxpayer
from fiscal.protocols.kz.checks import warnings_of
from fiscal.protocols.kz.codes import AdType
from fiscal.protocols.kz.messages import parse_response, response_type, serialize
from fiscal.protocols.kz.service_block import (
    ad,
    ad_text,
    binded_taxation,
    generated_profile,
    last_document,
    offline_period_of,
    profile_of,
    response_reg_info,
    service_request_fields,
)
from fiscal.protocols.values import from_map, pack, unpack
from tests.documents import T0
from tests.fiscal.protocols.kz.mapped import MORNING, VERSIONS, ZONE, sent

PROFILE = RegisterProfile(
    taxpayer=Taxpayer(name="ТОО «Дастархан»", tax_id="240140000011", taxation=Taxation.PATENT),
    place="Алматы, Абая 1",
    rnm="010100000001",
    serial="SK00000001",
    zone=ZONE,
)
DEVICE = 100_500


def answered(version: int, **fields):
    made: dict[str, Any] = {"command": 5, "result": {"result_code": 0}, "service": fields}
    return parse_response(version, serialize(response_type(version)(**made))).service


@pytest.mark.parametrize("version", VERSIONS)
def test_a_profile_comes_back_as_it_went(version):
    request = sent(0, version, service=service_request_fields(PROFILE, DEVICE, version, T0))
    assert profile_of(request.service.reg_info, DEVICE, ZONE) == PROFILE
    assert request.service.reg_info.kkm.kkm_id == "100500"
    answer = answered(version, reg_info=response_reg_info(PROFILE, DEVICE, version))
    assert profile_of(answer.reg_info, DEVICE, ZONE) == PROFILE
    assert answer.reg_info.pos.address == PROFILE.place
    if version == 203:
        assert answer.reg_info.org.address_kz == answer.reg_info.pos.address_kz == PROFILE.place


@pytest.mark.parametrize("version", VERSIONS)
def test_a_register_of_ours_lacks_nothing(version):
    request = sent(0, version, service=service_request_fields(PROFILE, DEVICE, version, T0, get_reg_info=True))
    assert warnings_of(request, version, None, ZONE) == []
    assert request.service.get_reg_info


@pytest.mark.parametrize("regime", Taxation)
def test_each_regime(regime):
    profile = RegisterProfile(
        taxpayer=Taxpayer(name="a", tax_id="1", taxation=regime), place="b", rnm="c", serial="d", zone=ZONE
    )
    answer = answered(202, reg_info=response_reg_info(profile, 1, 202))
    expected = Taxation.SIMPLIFIED if regime is Taxation.SIMPLIFIED_NET else regime
    assert profile_of(answer.reg_info, 1, ZONE).taxpayer.taxation is expected
    assert binded_taxation(profile, {12_000, 0}) == {
        "taxation_type": answer.reg_info.org.taxation_type,
        "taxes": [{"tax_type": 100, "percent": 0}, {"tax_type": 100, "percent": 12_000}],
    }


@given(device=st.integers(0, 2**32 - 1))
def test_a_generated_profile_is_always_the_same_and_right(device):
    made = generated_profile(device, ZONE)
    assert made == generated_profile(device, ZONE)
    assert check_bin(made.taxpayer.tax_id) is None
    assert check_rnm_kz(made.rnm) is None
    assert from_map(RegisterProfile, unpack(pack(made), "profile")) == made


def test_every_body_of_a_tax_id_has_a_check_digit():
    """Some have none under the law; the generated profile evades those."""
    tax_ids = {generated_profile(device, ZONE).taxpayer.tax_id for device in range(10_000)}
    assert len(tax_ids) == 10_000
    assert {tax_id[10] for tax_id in tax_ids} == {"0", "1"}


@pytest.mark.parametrize("version", VERSIONS)
def test_what_a_message_leaves_out_is_generated(version):
    request = sent(0, version, service={"reg_info": {"org": {"title": "я" * 300, "taxation_type": 999}}})
    made = generated_profile(DEVICE, ZONE)
    profile = profile_of(request.service.reg_info, DEVICE, ZONE)
    assert profile == RegisterProfile(
        taxpayer=Taxpayer(name="я" * 256, tax_id=made.taxpayer.tax_id),
        place=made.place,
        rnm=made.rnm,
        serial=made.serial,
        zone=ZONE,
    )


# ---------------------------------------------------------------------------------------------------- offline periods

ZERO = {"date": {"year": 0, "month": 0, "day": 0}, "time": {"hour": 0, "minute": 0}}


@pytest.mark.parametrize("version", VERSIONS)
@given(begin=st.integers(0, 10**9), length=st.integers(1, 10**7))
def test_a_period_comes_back_as_it_went(version, begin, length):
    period = (begin * 1000, (begin + length) * 1000)
    request = sent(0, version, service=service_request_fields(PROFILE, DEVICE, version, T0, period))
    assert offline_period_of(request.service, ZONE) == period


@pytest.mark.parametrize(
    "service",
    [
        {},
        service_request_fields(PROFILE, DEVICE, 203, T0),
        {"offline_period": {"begin_time": ZERO, "end_time": ZERO}},
        {"offline_period": {"begin_time": ZERO, "end_time": MORNING}},
        {"offline_period": {"begin_time": MORNING, "end_time": ZERO}},
        {"offline_period": {"begin_time": MORNING, "end_time": {**MORNING, "time": {"hour": 1, "minute": 0}}}},
    ],
)
def test_no_period(service):
    assert offline_period_of(sent(0, 203, service=service).service, ZONE) is None


# ------------------------------------------------------------------------------------------------------ answers


@pytest.mark.parametrize("version", VERSIONS)
def test_ads(version):
    service = answered(
        version,
        ticket_ads=[ad(AdType.INFO, "first"), ad(AdType.INFO, "Оплатите услуги", 7), ad(AdType.OFD, "other")],
        last_document_info=last_document(3, 77),
    )
    assert ad_text(service) == "Оплатите услуги"
    assert ad_text(service, AdType.OFD) == "other"
    assert ad_text(service, AdType.POS) is None
    assert service.ticket_ads[1].info.version == 7
    assert (service.last_document_info.fr_shift_number, service.last_document_info.printed_document_number) == (3, 77)
