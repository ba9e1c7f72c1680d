"""Names, addresses and sounds ask a person; they join nobody."""

from __future__ import annotations

from hub.services.merchants import weak_keys


def test_names_addresses_and_sounds_only_ask(told, session):
    one = told("jd", "a", shop_name="康宁护具", address="青禾市和平路1号")
    other = told("weidian", "b", shop_name="康凝护具店", address="青禾市和平路1号")
    same = told("pdd", "c", shop_name="康宁护具", address="青禾市和平路1号")
    assert len({one, other, same}) == 3
    kinds = {e["kind"] for pair in weak_keys.open_pairs(session, same) for e in pair.evidence}
    assert kinds == {"name_address", "name_sound"}


def test_a_sound_suggests_within_a_region_alone(told, session):
    here, elsewhere = {"region": "330102"}, {"region": "510104"}
    one = told("jd", "a", merchant_name="康宁护具经营部", **here)
    near = told("weidian", "b", merchant_name="康凝护具经营部", **here)
    far = told("pdd", "c", merchant_name="康咛护具经营部", **elsewhere)
    assert len({one, near, far}) == 3
    (pair,) = weak_keys.open_pairs(session, near)
    assert {pair.a_id, pair.b_id} == {one, near}
    assert weak_keys.open_pairs(session, far) == []


def test_what_was_kept_out_is_suggested_with_its_evidence(told, session):
    told("jd", "a", merchant_name="张伟", phone="13800138000")
    other = told("weidian", "b", merchant_name="王芳", phone="13800138000")
    (pair,) = weak_keys.open_pairs(session, other)
    assert [e["kind"] for e in pair.evidence] == ["phone"]
