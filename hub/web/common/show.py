"""Template filters: Beijing time, labels of codes, and safe display of untrusted text."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from flask import Flask
from markupsafe import Markup, escape

from hub import beijing
from hub.config import settings
from hub.desk import words
from hub.desk.cases.highlights import UNSEEN
from hub.problems import Problem
from hub.services.enforcement import audience
from hub.services.enforcement.measures import CATALOGUE, PLATFORM_KINDS
from hub.services.enforcement.proposing import SHARING
from hub.services.privacy import masking
from hub.services.warnings.early_warnings import odds
from models import states

_SCHEME = re.compile(r"(?i)(?<![a-z])(h)tt(ps?:)|(?<![a-z])(f)t(ps?:)")
_SCRIPT = re.compile(r"(?i)(javascript|vbscript|data(?=:[a-z]+/)):")


def moment(at: datetime | None) -> str:
    """Beijing time to the minute."""
    return beijing.local(at).strftime("%Y-%m-%d %H:%M") if at else "—"


def short_moment(at: datetime | None) -> str:
    """Beijing time, without the year when it is the current one."""
    if at is None:
        return "—"
    there = beijing.local(at)
    same = there.year == beijing.today().year
    return there.strftime("%m-%d %H:%M" if same else "%Y-%m-%d %H:%M")


def clock(at: datetime | None) -> str:
    """Beijing time to the second, for the log."""
    return beijing.local(at).strftime("%Y-%m-%d %H:%M:%S") if at else "—"


def defanged(text: str) -> str:
    """URLs made unclickable: hxxp://, fxp://, javascript[:]."""
    defused = _SCHEME.sub(lambda m: f"{m[1]}xx{m[2]}" if m[1] else f"{m[3]}x{m[4]}", text)
    return _SCRIPT.sub(r"\1[:]", defused)


def part(text: Any) -> Markup:
    """A piece of untrusted text: persons' numbers masked, escaped, URLs defanged, invisible
    characters shown."""
    return _harmless(masking.mask(str(text)))


def _harmless(text: str) -> Markup:
    safe = str(escape(defanged(text)))
    return Markup(UNSEEN.sub(lambda m: f'<span class="unseen">U+{ord(m[0]):04X}</span>', safe))


def plain(text: Any) -> str:
    """Untrusted text for a place without markup: a title, a label."""
    return UNSEEN.sub("", defanged(masking.mask(str(text))))


def foreign(text: Any) -> Markup:
    """Untrusted text, isolated so that its direction does not affect the text around it."""
    return Markup("<bdi>{}</bdi>").format(part(text))


def verbatim(text: Any) -> Markup:
    """`foreign` without masking: ids that may look like a phone number, what an officer wrote and
    another must approve, what the reader sent."""
    return Markup("<bdi>{}</bdi>").format(_harmless(str(text)))


def measure_label(code: str) -> Markup:
    """A measure's Chinese name; a platform's own code as it sent it."""
    known = CATALOGUE.get(code)
    return escape(known.label) if known else foreign(code)


_BY_STATUS = {
    400: "请求有误，请返回后重试。",
    401: "请先登录。",
    403: "您的角色无权进行此操作；需要时请联系系统管理员。",
    404: "没有这一页，或您无权查看。",
    405: "不支持这样的操作。",
    413: "提交的内容过大：表单至多 4 MB，登记表至多 20 MB。请拆分后重新提交。",
    429: "尝试过于频繁，请一分钟后再试。",
    500: "系统内部出错，已记录。您的操作没有生效。",
    503: "数据库暂时不可用，您的操作没有生效，请稍后重试。",
}
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def explained(problem: Problem) -> str:
    """The refusal in Chinese, also where a library gave it in English."""
    if _CHINESE.search(problem.detail):
        return problem.detail
    return _BY_STATUS.get(problem.status, "请求未能完成，请返回后重试。")


def register(app: Flask) -> None:
    """Register these filters and the labels with the templates."""
    filters = (
        moment,
        short_moment,
        clock,
        part,
        plain,
        foreign,
        verbatim,
        measure_label,
        explained,
        odds,
    )
    app.jinja_env.filters.update({f.__name__: f for f in filters})
    app.jinja_env.globals["words"] = words
    app.jinja_env.globals["states"] = states
    app.jinja_env.globals["sso"] = lambda: bool(settings().oidc_issuer)
    app.jinja_env.globals["sharing"] = SHARING
    app.jinja_env.globals["audiences"] = audience.withheld
    app.jinja_env.globals["platform_words"] = PLATFORM_KINDS
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
