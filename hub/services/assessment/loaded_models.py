"""The models a process that assesses keeps loaded. The web process never calls this."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import structlog
from sqlalchemy.exc import DBAPIError

from classifiers import matching
from classifiers.encoder import Encoder
from classifiers.matching import View, encoded, view
from classifiers.registry import ArtifactError
from hub.config import NotConfigured, settings
from hub.database import session_scope
from hub.services.learning import promotion
from hub.services.learning.promotion import PromotedModel
from hub.services.reports.reading import Reading

if TYPE_CHECKING:
    from classifiers.assess import Assessor

log = structlog.get_logger()
LOOK_EVERY = 20.0  # seconds until a worker notices what was promoted


@dataclass(frozen=True)
class LoadedModels:
    """Encoder and classifiers, loaded together so that nothing is encoded twice."""

    encoder: Encoder
    assessor: Assessor

    def read(self, texts: Sequence[str], seen: Sequence[View] | None = None) -> list[Reading]:
        """One Reading per text, encoded and classified as one batch. `seen`: their views; those
        that have a vector are not encoded."""
        whole = encoded([view(text) for text in texts] if seen is None else seen, self.encoder)
        if not whole:
            return []
        # A reused vector comes without the middle layer's states: the text was not encoded.
        middles = [v.middle for v in whole]
        found = self.assessor.assess(texts, np.stack([v.vector for v in whole]), middles)
        return [Reading(v, a.to_json()) for v, a in zip(whole, found, strict=True)]


@dataclass
class _Kept:
    """This process's models, the promotions they were loaded for, and when that was checked."""

    loaded: LoadedModels
    promoted: Mapping[str, PromotedModel]
    looked: float


_kept: _Kept | None = None
_loading = threading.Lock()


def loaded_models() -> LoadedModels:
    """This process's models, with whatever was promoted up to LOOK_EVERY seconds ago.

    A batch in progress keeps the models it started with. Raises classifiers.registry.ArtifactError
    for an altered encoder.
    """
    global _kept
    with _loading:
        if _kept is None:
            promoted = _promoted({})
            _kept = _Kept(_load(Encoder.load(settings().encoder), promoted), promoted, _now())
        elif _now() > _kept.looked + LOOK_EVERY:
            promoted = _promoted(_kept.promoted)
            if promoted != _kept.promoted:
                _kept = _Kept(_load(_kept.loaded.encoder, promoted), promoted, _now())
            _kept.looked = _now()
        return _kept.loaded


def _now() -> float:
    return time.monotonic()


def _promoted(otherwise: Mapping[str, PromotedModel]) -> Mapping[str, PromotedModel]:
    """The promotions in force; `otherwise` while the database is unavailable."""
    try:
        with session_scope() as session:
            return promotion.in_force(session)
    except (DBAPIError, NotConfigured):
        return otherwise


def _load(encoder: Encoder, promoted: Mapping[str, PromotedModel]) -> LoadedModels:
    from classifiers.assess import Assessor  # imports scikit-learn, which only workers need

    whole = {part: found for part, found in promoted.items() if found.intact()}
    places = {part: found.directory for part, found in whole.items()}
    assessor = Assessor.load(encoder, promoted=places)
    _match_by(places.get("matching"), encoder)
    for part in (promoted.keys() - whole.keys()) | set(assessor.refused):
        log.error("promoted_model_altered", part=part, version=promoted[part].version)
        with session_scope() as session:
            promotion.alarm(session, part, promoted[part].version)
    log.info("assessor_loaded", versions=assessor.versions)
    return LoadedModels(encoder, assessor)


def _match_by(cuts: Path | None, encoder: Encoder) -> None:
    """Use the promoted thresholds; the shipped ones where there are none for this encoder."""
    try:
        matching.use_thresholds(cuts, encoder.version)
    except ArtifactError as error:
        log.error("promoted_thresholds_refused", why=str(error))
