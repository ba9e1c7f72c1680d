"""A challenger goes to work by a person's word alone, reaches the workers, and comes back out."""

from __future__ import annotations

import shutil

import pytest
from sqlalchemy import select

from classifiers import registry
from hub.jobs import assess
from hub.services.assessment import loaded_models as brains
from hub.services.learning import promotion
from hub.services.learning.promotion import PromotionRefused
from models import AuditEntry, Promotion, SecurityEvent, Wording
from tests.hub.services.assessment.test_lifecycle import OTHER, RUMOR

SHIPPED = registry.load_manifest(registry.ARTIFACTS / "theme").version


def comparison(verdict: str) -> dict:
    return {
        "champion": {"version": SHIPPED},
        "challenger": {"n": 40},
        "gain": 0.1,
        "interval": [0.02, 0.2],
        "verdict": verdict,
    }


@pytest.fixture
def challenger(session, officers):
    """Makes a challenger: the shipped theme model under another setting, so another version."""
    promotion.home().mkdir(parents=True, exist_ok=True)

    def make(mark: int, verdict: str = "better") -> str:
        making = promotion.home() / f".{mark}"
        shutil.copytree(registry.ARTIFACTS / "theme", making)
        old = registry.load_manifest(making)
        settings = {**old.settings, "mark": mark}
        new = registry.write_manifest(
            making, "theme", ["model.safetensors"], labels=old.labels, settings=settings
        )
        making.replace(promotion.home() / new.version)
        promotion.enter(session, "cli", "theme", new, comparison(verdict))
        session.commit()
        return new.version

    yield make
    shutil.rmtree(promotion.home())


def promote(session, version: str, **more) -> Promotion:
    made = promotion.promote(session, "lin", version, "留出案件上更准", **more)
    session.commit()
    return made


def a_minute_later(monkeypatch) -> None:
    later = brains._now() + 60
    monkeypatch.setattr(brains, "_now", lambda: later)


def theme_version(session, text: str) -> str:
    """The version that read this text, from its kept assessment."""
    session.rollback()
    query = select(Wording.assessment["versions"]["theme"].astext).order_by(Wording.id.desc())
    assert session.scalars(select(Wording.text).order_by(Wording.id.desc())).first()[:4] == text[:4]
    return session.scalars(query).first()


def test_workers_take_it_within_a_minute_and_every_assessment_keeps_its_version(
    challenger, jd, session, monkeypatch
):
    version = challenger(1)
    jd.report("J1", OTHER)
    assess.drain()
    assert theme_version(session, OTHER) == SHIPPED
    promote(session, version)
    a_minute_later(monkeypatch)
    jd.report("J2", RUMOR)
    assert assess.drain() == 1
    assert theme_version(session, RUMOR) == version


def test_a_rollback_goes_back_step_by_step(challenger, session):
    first, second = challenger(1), challenger(2)
    promote(session, first)
    promote(session, second)
    assert promotion.in_force(session)["theme"].version == second
    assert promotion.rollback(session, "zhou", "theme", "误报增多").version == first
    assert promotion.rollback(session, "zhou", "theme", "仍不理想").version == promotion.SHIPPED
    assert promotion.in_force(session) == {}
    with pytest.raises(PromotionRefused, match="nothing to go back to"):
        promotion.rollback(session, "zhou", "theme", "再退")
    session.commit()
    log = session.execute(select(AuditEntry.actor, AuditEntry.action, AuditEntry.detail)).all()
    assert log[-1][:2] == ("zhou", "model_rolled_back")
    assert log[-1].detail["why"] == "仍不理想" and log[-1].detail["left"] == first


@pytest.mark.parametrize(
    ("actor", "why", "complaint"),
    [("nobody", "更准", "no active officer"), ("lin", "  ", "say why")],
)
def test_a_person_with_a_reason_promotes(challenger, session, actor, why, complaint):
    with pytest.raises(PromotionRefused, match=complaint):
        promotion.promote(session, actor, challenger(1), why)
    assert promotion.in_force(session) == {}


def test_noise_is_not_promoted_unless_somebody_insists(challenger, session):
    version = challenger(1, verdict="undecided")
    with pytest.raises(PromotionRefused, match="not shown to be better"):
        promote(session, version)
    promote(session, version, though_unproven=True)
    last = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (last.actor, last.action, last.detail["unproven"]) == ("lin", "model_promoted", True)


@pytest.mark.parametrize("file", ["model.safetensors", registry.MANIFEST])
def test_an_altered_file_is_not_used_and_people_are_told_once(
    challenger, jd, session, monkeypatch, file
):
    version = challenger(1)
    promote(session, version)
    path = promotion.home() / version / file
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
    a_minute_later(monkeypatch)
    monkeypatch.setattr(brains, "_kept", None)  # as a worker that starts
    jd.report("J1", RUMOR)
    assess.drain()
    assert theme_version(session, RUMOR) == SHIPPED
    monkeypatch.setattr(brains, "_kept", None)  # and another
    brains.loaded_models()
    (told,) = session.scalars(select(SecurityEvent)).all()
    assert told.kind == "model_altered" and told.detail == {"part": "theme", "version": version}


def test_an_altered_manifest_cannot_be_promoted(challenger, session):
    version = challenger(1)
    path = promotion.home() / version / registry.MANIFEST
    manifest = registry.load_manifest(path.parent)
    registry.write_manifest(  # a forger who also mends the manifest's own digest
        path.parent, "theme", ["model.safetensors"], labels=manifest.labels[::-1]
    )
    with pytest.raises(PromotionRefused, match="altered"):
        promote(session, version)
