"""The sample reports are what the demo and integrators rely on."""

import re
from collections import Counter
from datetime import datetime

from hub.sandbox import data

SYMBOLS = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: no I O S V Z
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)  # GB 11714
SAMPLES = data.samples()
SHOPS = data.shops()


def code_is_valid(code):
    """Both check digits: the organisation code's (GB 11714) and the whole's (GB 32100-2015)."""
    if not re.fullmatch(f"[{SYMBOLS}]{{18}}", code):
        return False
    total = sum(SYMBOLS.index(one) * pow(3, i, 31) for i, one in enumerate(code[:17]))
    inner = sum(int(c, 36) * w for c, w in zip(code[8:16], ORGANISATION_WEIGHTS, strict=True))
    expected = "0123456789X0"[11 - inner % 11]
    return code[17] == SYMBOLS[(31 - total % 31) % 31] and code[16] == expected


def test_the_formula_knows_right_from_wrong():
    assert code_is_valid("91350100M000100Y43")  # the standard's own example
    assert not code_is_valid("91350100M000100Y44")
    assert not code_is_valid("91350100M000100143")


def test_there_are_enough_reports_of_either_kind_on_every_platform():
    assert len(SAMPLES) >= 240
    counts = Counter((one["platform"], one["kind"]) for one in SAMPLES)
    assert set(counts) == {(p, kind) for p in data.NAMES for kind in ("rumor", "violation")}
    assert min(counts.values()) >= 15


def test_every_sample_is_a_report():
    allowed = {"platform", "report_id", "kind", "reported_at", "content", "subject", "reporter"}
    for report in SAMPLES:
        assert set(report) <= allowed | {"reason", "evidence"}
        assert report["kind"] in ("rumor", "violation")
        assert datetime.fromisoformat(report["reported_at"]).utcoffset() is not None
        assert set(report["content"]) <= {"text", "title", "url", "images", "evidence_text"}
        assert len(report["content"]["text"]) >= 15, report["report_id"]


def test_every_reported_shop_is_in_its_platforms_list():
    fields = {"shop_id", "shop_name", "merchant_name", "uscc", "region"}
    for report in SAMPLES:
        here = {shop["shop_id"]: shop for shop in SHOPS[report["platform"]]}
        subject = report.get("subject", {})
        assert set(subject) <= fields
        for name in set(subject) - {"region"}:
            assert here[subject["shop_id"]][name] == subject[name], report["report_id"]


def test_report_ids_are_unique_on_their_platform():
    assert max(Counter((one["platform"], one["report_id"]) for one in SAMPLES).values()) == 1


def test_credit_codes_are_valid_but_for_one():
    codes = {one["subject"]["uscc"] for one in SAMPLES if one.get("subject", {}).get("uscc")}
    codes |= {shop["uscc"] for shops in SHOPS.values() for shop in shops if shop["uscc"]}
    assert len(codes) >= 30
    assert sum(not code_is_valid(code) for code in codes) == 1
    assert any("uscc" not in one["subject"] for one in SAMPLES if "subject" in one)


def test_merchants_stand_on_one_to_five_platforms():
    platforms = Counter(
        shop["uscc"] for shops in SHOPS.values() for shop in {s["uscc"]: s for s in shops}.values()
    )
    platforms.pop("")
    assert {1, 2, 3, 4, 5} <= set(platforms.values())


def test_rumors_come_in_several_wordings():
    texts = [one["content"]["text"] for one in SAMPLES if one["kind"] == "rumor"]
    assert len(set(texts)) == len(texts)
    assert sum("虾仁" in text or "蝦仁" in text for text in texts) == 3
    assert any("辟谣" in text for text in texts) and any("囤" in text for text in texts)


def test_brands_mean_their_company():
    assert [data.slug_of(one) for one in ("jd", "tmall", "pdd")] == ["jd", "alibaba", "pinduoduo"]
    assert [data.slug_of(one) for one in ("nobody", None, 7, ["jd"])] == [None] * 4
