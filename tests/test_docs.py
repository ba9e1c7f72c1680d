"""What the documents point to is there: links, anchors, paths, modules, tests, make targets."""

import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).resolve().parents[1]
FENCE = re.compile(r"^(```+|~~~+)(.*?)^\1\s*$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"(`+)(.+?)\1")
TARGET = re.compile(
    r"\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)|<(?:img|a)\b[^>]*?(?:src|href)=\"([^\"]+)\""
)
HEADING = re.compile(r"^#{1,6} +(.+?)(?: +#+)?$", re.MULTILINE)
ROOMS = "hub|tests|classifiers|models|docs|clients|deploy"
PATH = re.compile(rf"(?:{ROOMS})/[\w./{{}},*-]*")
MODULE = re.compile(r"(?:hub|tests|classifiers|models)(?:\.\w+)+")
COMMAND = re.compile(r"\bflask (?:--app wsgi )?([a-z]+) ([a-z][a-z-]*)")
TEST = re.compile(r"([\w/]+\.py)::(\w+)")


@cache
def tracked() -> frozenset[str]:
    """Every tracked file and every folder that holds one, relative to the root."""
    files = [PurePosixPath(name) for name in _listed() if (ROOT / name).is_file()]
    return frozenset(str(p) for file in files for p in (file, *file.parents))


def _listed() -> list[str]:
    """What git tracks; in a copy without its repository, whatever lies there."""
    try:
        return subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
        ).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):
        made = {".venv", "instance"}
        there = (p.relative_to(ROOT) for p in ROOT.rglob("*"))
        return [p.as_posix() for p in there if not made & set(p.parts)]


def pages() -> list[str]:
    return sorted(name for name in tracked() if name.endswith(".md"))


@cache
def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def anchors(text: str) -> set[str]:
    """The fragments that GitHub gives the headings of a page."""
    met: Counter[str] = Counter()
    found = set()
    for heading in HEADING.findall(FENCE.sub("", text)):
        shown = re.sub(r"!?\[([^]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
        found.add(f"{slug}-{met[slug]}" if met[slug] else slug)
        met[slug] += 1
    return found


def broken_links(page: str, text: str) -> Iterator[str]:
    """Relative links and images of `text`, as they stand on `page`, that lead nowhere."""
    prose = CODE.sub("", FENCE.sub("", text))
    for target in filter(None, (a or b for a, b in TARGET.findall(prose))):
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue
        path, _, fragment = unquote(target).partition("#")
        name = _resolved(page, path) if path else page
        missing = name not in tracked() and name != page
        if missing or (fragment and fragment not in anchors(text if name == page else read(name))):
            yield target


def _resolved(page: str, path: str) -> str:
    joined = (ROOT / page).parent / path
    return joined.resolve().relative_to(ROOT).as_posix() if not path.startswith("/") else path


def stale_code(text: str) -> Iterator[str]:
    """Paths, tests, modules and make targets named as code that do not exist."""
    spans = [code.strip() for _, code in CODE.findall(FENCE.sub("", text))]
    for span in spans:
        for word in span.split():
            if not _exists(word.rstrip(".,;:")):
                yield word
    for block in (*spans, *(body for _, body in FENCE.findall(text))):
        targets = re.findall(r"(?:^|\s)make ([a-z][\w-]*)", block)
        yield from (f"make {t}" for t in targets if f"\n{t}:" not in read("Makefile"))
        yield from (m for m in re.findall(r"python -m ([\w.]+)", block) if not _exists(m))


def _exists(word: str) -> bool:
    """Whether what looks like a path, a test or a module of this repository is one."""
    if test := TEST.fullmatch(word):
        return test[1] in tracked() and f"def {test[2]}(" in read(test[1])
    if PATH.fullmatch(word):
        return all(_matched(name) for name in _braces(word))
    return not MODULE.fullmatch(word) or _is_module(word.split("."))


def _matched(name: str) -> bool:
    return name.rstrip("/") in tracked() or ("*" in name and any(ROOT.glob(name)))


def _braces(word: str) -> list[str]:
    """`a/{b,c}.py` as a shell would spell it out."""
    if not (group := re.search(r"\{([^{}]*)\}", word)):
        return [word]
    return [
        name
        for choice in group[1].split(",")
        for name in _braces(word[: group.start()] + choice + word[group.end() :])
    ]


def _is_module(parts: list[str]) -> bool:
    """A module or package, or a name that one of them holds."""
    path = "/".join(parts)
    if {path, f"{path}.py"} & tracked():
        return True
    parent = "/".join(parts[:-1])
    homes = {f"{parent}.py", f"{parent}/__init__.py"} & tracked()
    defined = rf"^(?:def |class )?{parts[-1]}\b|import .*\b{parts[-1]}\b"
    return any(re.search(defined, read(home), re.MULTILINE) for home in homes)


@pytest.mark.parametrize("page", pages())
def test_links_resolve(page):
    assert list(broken_links(page, read(page))) == []


@pytest.mark.parametrize("page", pages())
def test_code_that_is_named_exists(page):
    assert list(stale_code(read(page))) == []


def test_documents_named_in_code_exist():
    code = [n for n in tracked() if re.search(r"\.(py|html|toml|yml)$|Makefile$", n)]
    named = {(n, d) for n in code for d in re.findall(r"\bdocs/[\w./-]*\w", read(n))}
    ours = {(n, d) for n, d in named if n != "tests/test_docs.py"}
    assert sorted((n, d) for n, d in ours if d not in tracked()) == []


def test_commands_that_are_named_exist():
    from hub.cli import COMMANDS

    known = {(group.name, name) for group in COMMANDS for name in getattr(group, "commands", ())}
    named = {command for page in pages() for command in COMMAND.findall(read(page))}
    assert named and named - known == set()


@pytest.mark.parametrize(
    "link",
    ["[a](no.md)", "![a](docs/no.webp)", "[a](#no)", "[a](README.md#no)", '<img src="no.webp">'],
)
def test_a_broken_link_is_found(link):
    assert list(broken_links("README.md", f"# 标题 · Title\n\n{link} [b](#标题--title)"))


@pytest.mark.parametrize(
    "code",
    ["hub/no.py", "hub/{config,no}.py", "tests/no_*.py", "hub.nowhere", "hub.config.NO", "make no",
     "python -m hub.nowhere", "tests/test_docs.py::test_no"],
)  # fmt: skip
def test_stale_code_is_found(code):
    there = "`hub/config.py` `hub/cli/` `hub.config.settings` `make test` `python -m hub demo`"
    assert list(stale_code(f"`{code}`"))
    assert list(stale_code(there)) == []
