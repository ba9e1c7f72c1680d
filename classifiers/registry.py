"""Trained files and the manifests that verify them.

An artifact is a directory with a `manifest.json` naming every file in it by sha256 and
size, together with what it was made from (data sets and their licences, seeds, library
versions), its labels, settings and measured figures. The manifest carries a digest of
itself, so that a changed threshold is detected like a changed weight.
"""

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ARTIFACTS = Path(__file__).parent / "artifacts"
SAME_CLAIM = ARTIFACTS / "same_claim"
MANIFEST = "manifest.json"


class ArtifactError(Exception):
    """A trained file is missing, altered or does not match its manifest."""


@dataclass(frozen=True)
class Manifest:
    """The description of one artifact. `files` maps a plain file name to {"sha256", "bytes"}."""

    name: str
    files: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    data: Sequence[Mapping[str, str]] = ()
    seeds: Mapping[str, int] = field(default_factory=dict)
    labels: Sequence[str] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    licence: str = ""

    @property
    def version(self) -> str:
        """Name plus eight hex digits that change with any file or setting."""
        identity = [self.name, dict(self.files), dict(self.settings), list(self.labels)]
        return f"{self.name}-{_digest(identity)[:8]}"


def recipe_version(manifest: Manifest) -> str:
    """Name plus eight hex digits of the settings alone: for what is rebuilt on each machine."""
    return f"{manifest.name}-{_digest(dict(manifest.settings))[:8]}"


def _digest(value: Any) -> str:
    canonical = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def sha256_file(path: Path) -> str:
    """Hex sha256 of a file, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def library_versions(names: Iterable[str]) -> dict[str, str]:
    """Installed versions of the named distributions; those not installed are left out."""
    found = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def write_manifest(directory: Path, name: str, files: Iterable[str], **facts: Any) -> Manifest:
    """Hash `files` (names inside `directory`) and write the manifest beside them, atomically.

    `facts` are the remaining fields of `Manifest`: data, seeds, labels, settings, metrics,
    versions, licence.
    """
    entries = {}
    for file in sorted(files):
        path = directory / file
        entries[file] = {"sha256": sha256_file(path), "bytes": path.stat().st_size}
    # Through JSON once, so that the returned manifest equals the one a reader will load.
    body = json.loads(json.dumps(asdict(Manifest(name=name, files=entries, **facts))))
    text = json.dumps({**body, "digest": _digest(body)}, ensure_ascii=False, indent=1)
    temporary = directory / f".{MANIFEST}.{os.getpid()}"
    temporary.write_text(text + "\n", encoding="utf-8")
    temporary.replace(directory / MANIFEST)
    return Manifest(**body)


def load_manifest(directory: Path) -> Manifest:
    """Read a manifest and check its own digest; the files it names are not touched.

    Raises ArtifactError when it is absent, malformed or altered.
    """
    path = directory / MANIFEST
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        digest = body.pop("digest")
        known = {f.name for f in fields(Manifest)}
        manifest = Manifest(**{key: value for key, value in body.items() if key in known})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArtifactError(f"{path}: no usable manifest ({error})") from error
    if _digest(body) != digest:
        raise ArtifactError(f"{path}: the manifest was altered")
    return manifest


def verified(directory: Path) -> Manifest:
    """The manifest of `directory`, after verifying every file it lists.

    Raises ArtifactError naming the first file that is missing or differs.
    """
    manifest = load_manifest(directory)
    for name, entry in manifest.files.items():
        path = directory / name
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise ArtifactError(f"{directory}: {name!r} points outside the artifact")
        if not path.is_file():
            raise ArtifactError(f"{path}: listed in the manifest but missing")
        if path.stat().st_size != entry["bytes"] or sha256_file(path) != entry["sha256"]:
            raise ArtifactError(f"{path}: differs from its manifest")
    return manifest


@contextlib.contextmanager
def _without(module: str) -> Iterator[None]:
    """Inside, `module` cannot be imported, unless it was already."""
    absent = module not in sys.modules
    if absent:
        sys.modules[module] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if absent:
            del sys.modules[module]


def load_skops(path: Path, trusted: Sequence[str]) -> Any:
    """Load a skops file that may contain only sklearn's own types and those in `trusted`.

    Raises ArtifactError when the file is unreadable or holds any other type.
    """
    # It imports all of scikit-learn, which imports torch if installed: 180 MB, unused here.
    with _without("torch"):
        import skops.io

    try:
        raw = path.read_bytes()
        unknown = sorted(set(skops.io.get_untrusted_types(data=raw)) - set(trusted))
        if unknown:
            raise ArtifactError(f"{path}: holds types nobody vouched for: {', '.join(unknown)}")
        return skops.io.loads(raw, trusted=list(trusted))
    except ArtifactError:
        raise
    except Exception as error:  # skops raises many kinds on a damaged archive
        raise ArtifactError(f"{path}: cannot be loaded ({error})") from error
