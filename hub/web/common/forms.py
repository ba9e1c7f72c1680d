"""Form input, read strictly: each reader returns a clean value or raises Problem 422."""

from __future__ import annotations

import re
from datetime import date

from flask import request

from hub.desk.cases.highlights import UNSEEN
from hub.problems import FieldError, Problem, invalid

MAX_ID = 2**63 - 1
TOO_LONG = "too_long"
_CASE = re.compile(r"\s*[Cc]?(\d{1,18})\s*\Z", re.ASCII)


def cleaned(text: str) -> str:
    """Without invisible characters, such as those that reverse text or break PostgreSQL."""
    return UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def text(name: str, limit: int = 20_000) -> str:
    """A field of several lines. Raises Problem 422 when it is longer: nothing is cut silently."""
    given = cleaned(request.form.get(name, "")).strip()
    if len(given) > limit:
        detail = f"填写的内容过长：最多 {limit:,} 字，现有 {len(given):,} 字。请删减后再提交。"
        raise Problem(422, TOO_LONG, detail, [FieldError(name, detail, f"最多 {limit:,} 字")])
    return given


def line(name: str, limit: int = 200) -> str:
    """A field of one line. Raises Problem 422 when it is longer."""
    return " ".join(text(name, limit).split())


def version() -> int:
    """The case version the officer saw. Raises Problem 422."""
    given = request.form.get("version", "")
    if not re.fullmatch(r"[0-9]{1,9}", given):
        raise invalid("version", "页面缺少案件版本号。", "刷新页面后重试")
    return int(given)


def case_number(name: str) -> int:
    """A case written C12 or 12. Raises Problem 422."""
    match = _CASE.match(request.form.get(name, ""))
    if not match:
        raise invalid(name, "请填写案件编号，例如 C12。", "案件编号")
    return int(match[1])


def ids(name: str) -> list[int]:
    """The selected rows. Raises Problem 422 when one is not an id."""
    given = request.form.getlist(name)[:5000]
    if not all(re.fullmatch(r"[0-9]{1,18}", each) for each in given):
        raise invalid(name, "所选内容有误。", "刷新页面后重新选择")
    return [int(each) for each in given]


def day(name: str) -> date:
    """A date as browsers send it, 2020-02-20. Raises Problem 422."""
    try:
        return date.fromisoformat(request.form.get(name, "").strip())
    except ValueError:
        raise invalid(name, "请填写日期，例如 2020-02-20。", "日期") from None


def picked(name: str) -> list[tuple[int, int]]:
    """The selected cases, each with the version that was seen: "12.3". Raises Problem 422."""
    given = request.form.getlist(name)[:500]
    found = [re.fullmatch(r"([0-9]{1,18})\.([0-9]{1,9})", each) for each in given]
    if not all(found):
        raise invalid(name, "所选内容有误。", "刷新页面后重新选择")
    return [(int(m[1]), int(m[2])) for m in found if m]


_UNTYPED = {"csrf_token", "version", "password", "code", "next"}
_CHOSEN = {"measures", "sharing", "platforms", "kind", "to"}  # selected, not typed


def typed() -> dict[str, str]:
    """What a person typed into the submitted form, except secrets."""
    written = {k: cleaned(v)[:2_000_000] for k, v in request.form.items() if k not in _UNTYPED}
    return {
        k: v
        for k, v in written.items()
        if len(v.strip()) > 3 and not v.isdigit() and k not in _CHOSEN
    }


def background() -> bool:
    """Whether the page refreshed itself, without action of a person."""
    return "X-Background" in request.headers


def codes(name: str) -> list[str]:
    """The selected codes."""
    return [cleaned(each)[:64] for each in request.form.getlist(name)[:100]]


def query(name: str, limit: int = 100) -> str:
    """A filter from the query string; one line."""
    return " ".join(cleaned(request.args.get(name, ""))[:limit].split())


def page() -> int:
    """The requested page, from 1; invalid values mean the first."""
    given = request.args.get("page", "1")
    return min(max(int(given), 1), 100_000) if re.fullmatch(r"[0-9]{1,6}", given) else 1
