"""What officers type is read strictly: a clean value, or a refusal that names the field."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from hub.problems import Problem
from hub.web.common import forms


@pytest.fixture
def sent():
    """`with sent(name=value)`: a request with this form."""
    app = Flask(__name__)

    def request(address: str = "/", headers=None, **form):
        return app.test_request_context(address, method="POST", data=form, headers=headers)

    return request


def test_text_is_cleaned_and_nothing_is_cut_unsaid(sent):
    with sent(reason="  一\r\n二\u202e\x00 "):
        assert forms.text("reason") == "一\n二" and forms.line("reason") == "一 二"
        assert forms.text("absent") == ""
    with sent(reason="长" * 11), pytest.raises(Problem, match="最多 10 字，现有 11 字") as refused:
        forms.text("reason", 10)
    assert refused.value.code == forms.TOO_LONG


@pytest.mark.parametrize(
    ("read", "given", "value"),
    [
        (forms.version, "12", 12),
        (forms.version, "", None),
        (forms.version, "-1", None),
        (forms.version, "１２", None),
        (forms.case_number, " c12 ", 12),
        (forms.case_number, "C12x", None),
        (forms.case_number, "9" * 19, None),
        (forms.day, "2020-02-20", date(2020, 2, 20)),
        (forms.day, "2020-02-30", None),
        (forms.ids, "7", [7]),
        (forms.ids, "7;8", None),
        (forms.picked, "12.3", [(12, 3)]),
        (forms.picked, "12", None),
    ],
)
def test_a_value_is_clean_or_refused_by_its_field(sent, read, given, value):
    name = "version" if read is forms.version else "f"
    call = (lambda: read()) if read is forms.version else (lambda: read("f"))
    with sent(**{name: given}):
        if value is not None:
            assert call() == value
            return
        with pytest.raises(Problem) as refused:
            call()
        assert refused.value.status == 422 and refused.value.errors[0].field == name


def test_several_ticks_are_read_in_order(sent):
    with sent(f=["1.2", "3.4"], codes=["warn", "close\u200b_shop"]):
        assert forms.picked("f") == [(1, 2), (3, 4)]
        assert forms.codes("codes") == ["warn", "close_shop"]


@pytest.mark.parametrize(
    ("asked", "page"), [("", 1), ("7", 7), ("0", 1), ("-3", 1), ("x", 1), ("999999", 100_000)]
)
def test_a_page_that_is_none_is_the_first(sent, asked, page):
    with sent(f"/?page={asked}"):
        assert forms.page() == page


def test_a_filter_is_one_line_of_the_address(sent):
    with sent("/?q=%E5%8F%A3%0A%E7%BD%A9%E2%80%8B%20x&long=" + "a" * 200):
        assert forms.query("q") == "口 罩 x" and len(forms.query("long")) == 100


def test_what_was_written_is_kept_and_no_secret_with_it(sent):
    with sent(
        reason="写了很久的理由", password="correct horse", code="123456", n="123456", to="handler2",
        short="abc",
    ):  # fmt: skip
        assert forms.typed() == {"reason": "写了很久的理由"}


def test_a_page_that_asks_for_itself_is_no_sign_of_a_person(sent):
    with sent(headers={"X-Background": "1"}):
        assert forms.background()
    with sent():
        assert not forms.background()
