"""What was written cannot be changed unseen: a row of the audit log, a bit of a trained file."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from pathlib import Path

from sqlalchemy import text

from classifiers.assess import Assessor
from classifiers.encoder import Encoder
from classifiers.registry import ARTIFACTS, ArtifactError
from hub.config import settings
from hub.database import session_scope
from hub.services.audit import audit_log
from tests.drills.harness import Row, aside, hub
from tests.drills.platform import WORDS

ENTRIES = 40
FORGERIES = (
    "UPDATE audit_entry SET actor = 'nobody' WHERE id = :id",
    "UPDATE audit_entry SET action = 'reject' WHERE id = :id",
    """UPDATE audit_entry SET detail = '{"codes": []}' WHERE id = :id""",
    "UPDATE audit_entry SET at = at - interval '1 microsecond' WHERE id = :id",
    "UPDATE audit_entry SET case_id = NULL, detail = detail || '{\"x\": 1}' WHERE id = :id",
    "UPDATE audit_entry SET hash = sha256(hash) WHERE id = :id",
    "DELETE FROM audit_entry WHERE id = :id",
    "DELETE FROM audit_entry WHERE id IN (:id, :id + 1)",
)


def run(size: int) -> Row:
    """Every forgery at `size` places of the log; `size` bits of every kind of trained file."""
    row = Row("audit row or trained file altered")
    hub()
    rng = random.Random(7_202_003)
    with aside("altered"):
        _audit(row, size, rng)
    _trained(row, size, rng)
    return row


def _audit(row: Row, size: int, rng: random.Random) -> None:
    with session_scope() as session:
        for number in range(ENTRIES):
            audit_log.note(session, "zhou", "approve", None, decision=number, codes=["warn"])
    with session_scope() as session:
        row.check(audit_log.verify(session) == (ENTRIES, None), "the untouched log does not hold")
    for forgery in FORGERIES:
        for place in rng.sample(range(1, ENTRIES - 1), min(size, ENTRIES - 2)):
            row.tries += 1
            row.lost += not _found(forgery, place)


def _found(forgery: str, place: int) -> bool:
    """Whether `verify` names the place, or the one after a row that is gone."""
    with session_scope() as session:
        session.execute(text(forgery), {"id": place})
        _, broken = audit_log.verify(session)
        session.rollback()
    return broken is not None and place <= broken <= place + 2


def _trained(row: Row, size: int, rng: random.Random) -> None:
    for name in ("rumor", "theme", "price"):
        for file in rng.choices(sorted((ARTIFACTS / name).iterdir()), k=size):
            row.tries += 1
            row.lost += not _rules_take_over(name, file.name, rng)
    for file in ("manifest.json", "model.int8.onnx", "tokenizer.json"):
        if (settings().encoder / file).exists():
            row.tries += 1
            row.lost += not _encoder_refused(file, rng)


def _rules_take_over(name: str, file: str, rng: random.Random) -> bool:
    with tempfile.TemporaryDirectory(prefix="hubdrill-") as kept:
        copy = Path(kept) / "artifacts"
        shutil.copytree(ARTIFACTS, copy, copy_function=os.symlink)
        _flip(copy / name / file, rng)
        assessor = Assessor.load(None, copy)
        (found,) = assessor.assess([WORDS[0]])
    return assessor.degraded == [name] and found.degraded == [name]


def _encoder_refused(file: str, rng: random.Random) -> bool:
    with tempfile.TemporaryDirectory(prefix="hubdrill-") as kept:
        copy = Path(kept) / "encoder"
        shutil.copytree(settings().encoder.resolve(), copy, copy_function=os.symlink)
        _flip(copy / file, rng)
        try:
            Encoder.load(copy)
        except ArtifactError:
            return True
    return False


def _flip(path: Path, rng: random.Random) -> None:
    """Turn one bit round. A manifest's blanks and line ends carry nothing; its digits do."""
    raw = bytearray(path.read_bytes())
    place = rng.randrange(len(raw))
    while path.suffix == ".json" and not chr(raw[place]).isalnum():
        place = rng.randrange(len(raw))
    raw[place] ^= 1
    path.unlink()  # a link to the real one
    path.write_bytes(raw)
