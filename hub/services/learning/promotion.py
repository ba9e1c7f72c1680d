"""Which trained version of a model part is in use: promoted by a person, rolled back in one step.

The shipped files stay with the program; versions trained on this hub are in the instance folder,
one directory per version, and are never changed after training. The database says which version
is in force, so that all workers of a hub agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from classifiers import registry
from hub.config import settings
from hub.services.audit import audit_log
from models import Promotion, SecurityEvent, TrainedModel, User

PARTS = ("rumor", "theme", "price", "matching")
# Directory of a shipped part whose directory has another name.
_FOLDER = {"matching": registry.SAME_CLAIM}
SHIPPED = ""
BETTER = "better"


class PromotionRefused(Exception):
    """A promotion or rollback that must not happen; the message says why."""


@dataclass(frozen=True)
class PromotedModel:
    """A promoted version: its directory and the sha256 its manifest must have."""

    version: str
    directory: Path
    digest: str

    def intact(self) -> bool:
        """Whether its manifest is the one that was promoted; the manifest vouches for the rest."""
        try:
            return registry.sha256_file(self.directory / registry.MANIFEST) == self.digest
        except OSError:
            return False


def home() -> Path:
    """The directory of the models trained on this hub."""
    return settings().instance / "models"


def in_force(session: Session) -> dict[str, PromotedModel]:
    """The promoted version of each part that has one; the shipped one serves for the others."""
    newest = (
        select(Promotion.part, Promotion.version, TrainedModel.digest)
        .outerjoin(TrainedModel, TrainedModel.version == Promotion.version)
        .ext(distinct_on(Promotion.part))
        .order_by(Promotion.part, Promotion.id.desc())
    )
    return {
        row.part: PromotedModel(row.version, home() / row.version, row.digest or "")
        for row in session.execute(newest)
        if row.version != SHIPPED
    }


def directory(session: Session, part: str) -> Path:
    """The directory of a part's champion."""
    found = in_force(session).get(part)
    return found.directory if found else _FOLDER.get(part, registry.ARTIFACTS / part)


def enter(
    session: Session, actor: str, part: str, manifest: registry.Manifest, comparison: dict[str, Any]
) -> TrainedModel:
    """Register a challenger stored under `home()`, with its comparison."""
    made = TrainedModel(
        part=part,
        version=manifest.version,
        digest=registry.sha256_file(home() / manifest.version / registry.MANIFEST),
        champion=comparison["champion"]["version"],
        comparison=comparison,
    )
    session.add(made)
    session.flush()
    audit_log.note(session, actor, "model_trained", part=part, version=made.version)
    return made


def promote(
    session: Session, actor: str, version: str, why: str, though_unproven: bool = False
) -> Promotion:
    """Put a challenger into use. Raises PromotionRefused for an unknown or altered one, without
    a reason, and for one that was not shown to be better unless `though_unproven`."""
    who = _person(session, actor, why)
    model = session.scalar(select(TrainedModel).where(TrainedModel.version == version))
    if model is None:
        raise PromotionRefused(f"no trained model {version!r}")
    if not PromotedModel(version, home() / version, model.digest).intact():
        raise PromotionRefused(f"{version}: its files were altered or are gone")
    champion = in_force(session).get(model.part)
    if champion and champion.version == version:
        raise PromotionRefused(f"{version} is in force already")
    if model.comparison["verdict"] != BETTER and not though_unproven:
        raise PromotionRefused(
            f"{version} was not shown to be better than {model.champion}: "
            f"gain {model.comparison['gain']:+.3f}, 95% interval {model.comparison['interval']}"
        )
    made = _put(session, who, model.part, version, why)
    audit_log.note(
        session, who.username, "model_promoted", part=model.part, version=version, why=why,
        unproven=model.comparison["verdict"] != BETTER,
    )  # fmt: skip
    return made


def rollback(session: Session, actor: str, part: str, why: str) -> Promotion:
    """Back to the version that was in force before. Raises PromotionRefused when there is none."""
    who = _person(session, actor, why)
    rows = session.scalars(
        select(Promotion.version).where(Promotion.part == part).order_by(Promotion.id)
    ).all()
    stack = before(rows)
    if len(stack) < 2:
        raise PromotionRefused(
            f"{part}: the shipped model is in force, there is nothing to go back to"
        )
    made = _put(session, who, part, stack[-2], why)
    audit_log.note(
        session, who.username, "model_rolled_back", part=part, why=why,
        version=stack[-2] or "shipped", left=stack[-1],
    )  # fmt: skip
    return made


def before(versions: Sequence[str]) -> list[str]:
    """The history that rollbacks go through, the version in force last: rolling back to a
    version drops those after it."""
    stack = [SHIPPED]
    for version in versions:
        if version in stack:
            del stack[stack.index(version) + 1 :]
        else:
            stack.append(version)
    return stack


def alarm(session: Session, part: str, version: str) -> None:
    """Record once that a promoted file was altered and the shipped one is used instead."""
    told = select(SecurityEvent.id).where(
        SecurityEvent.kind == "model_altered", SecurityEvent.detail["version"].astext == version
    )
    if session.scalar(told.limit(1)) is None:
        detail = {"part": part, "version": version}
        session.add(SecurityEvent(kind="model_altered", detail=detail))


def _person(session: Session, actor: str, why: str) -> User:
    if not why.strip():
        raise PromotionRefused("say why (--why)")
    user = session.scalar(select(User).where(User.username == actor, User.active))
    if user is None:
        raise PromotionRefused(
            f"no active officer {actor!r}: a person answers for what is promoted"
        )
    return user


def _put(session: Session, who: User, part: str, version: str, why: str) -> Promotion:
    made = Promotion(part=part, version=version, by=who.username, why=why.strip()[:2000])
    session.add(made)
    session.flush()
    return made
