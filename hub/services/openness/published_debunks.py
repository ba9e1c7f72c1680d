"""Debunks as the public reads them, with schema.org ClaimReview."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from hub.problems import not_found
from hub.services.platforms import rate_limits
from hub.services.privacy import suppression
from hub.services.rumors.debunk_file import Record, columns
from models import Debunk, Report, WordingDebunk
from models.states import COUNTED

PAGE = 20
SEARCHES = (20 / 60, 20.0)  # from one address, a second and at once
# From 1, false, to 5, true; what cannot be checked has no rating.
RATING = {"谣言": 1, "不实": 2, "部分属实": 3, "属实": 5}


@dataclass(frozen=True)
class Published(Record):
    """One debunk; `reports` is suppressed where small."""

    id: int
    reports: suppression.Shown


@dataclass(frozen=True)
class DebunkPage:
    """One page of debunks and how many there are."""

    debunks: list[Published]
    total: int
    pages: int


def spend(address: str) -> None:
    """Charge one search to the rate limit of `address`. Raises Problem 429."""
    rate_limits.spend(f"public:{address}", 1, *SEARCHES)


def search(session: Session, q: str, page: int = 1) -> DebunkPage:
    """Debunks that hold every word of `q`, newest first."""
    where = [_holds(word) for word in q.split()[:8]]
    total = session.scalar(select(func.count()).select_from(Debunk).where(*where)) or 0
    rows = session.scalars(
        select(Debunk)
        .where(*where)
        .order_by(Debunk.date.desc().nulls_last(), Debunk.id.desc())
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    return DebunkPage([_published(row) for row in rows], total, max(1, -(-total // PAGE)))


def _holds(word: str) -> ColumnElement[bool]:
    columns = (Debunk.claim, Debunk.explanation, Debunk.source, Debunk.verdict)
    return or_(*(column.icontains(word, autoescape=True) for column in columns))


def one(session: Session, id_: int) -> Published:
    """A debunk and how many reports were about it. Raises Problem 404."""
    row = session.get(Debunk, id_)
    if row is None:
        raise not_found("没有这条辟谣。")
    n = session.scalar(
        select(func.count())
        .select_from(Report)
        .join(WordingDebunk, WordingDebunk.wording_id == Report.wording_id)
        .where(WordingDebunk.debunk_id == id_, WordingDebunk.close, Report.state.in_(COUNTED))
    )
    return _published(row, n or 0)


def _published(row: Debunk, reports: int = 0) -> Published:
    said = columns(row)
    if row.url and not row.url.startswith(("https://", "http://")):
        said["url"] = None
    return Published(**said, id=row.id, reports=suppression.shown(reports))


def claim_review(found: Published, address: str) -> dict[str, Any]:
    """schema.org/ClaimReview of a debunk shown at `address`."""
    rating: dict[str, Any] = {"@type": "Rating", "alternateName": found.verdict}
    if found.verdict in RATING:
        rating |= {"ratingValue": RATING[found.verdict], "bestRating": 5, "worstRating": 1}
    review: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "url": address,
        "inLanguage": "zh-CN",
        "claimReviewed": found.claim,
        "author": {"@type": "Organization", "name": found.source},
        "itemReviewed": {"@type": "Claim", "name": found.claim},
        "reviewRating": rating,
        "reviewBody": found.explanation,
    }
    if found.date:
        review["datePublished"] = found.date.isoformat()
    if found.url:
        review["citation"] = found.url
    return review
