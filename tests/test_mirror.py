"""The tests mirror the rooms: a module is tested in the file of its name at the same place, or
`tests/kept_by.toml` names the tests that keep its promise."""

from __future__ import annotations

import ast
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("hub", "classifiers", "models")
TABLE = tomllib.loads((ROOT / "tests" / "kept_by.toml").read_text("utf-8"))
MODULES: dict[str, str | list[str]] = TABLE["modules"]
PROMISES: dict[str, str] = TABLE["promises"]


def _found(pattern: str) -> list[Path]:
    return sorted(ROOT.glob(pattern))


def _modules() -> list[Path]:
    """Every module that can hold logic; packages and their entry points speak through theirs."""
    return [
        path
        for room in ROOMS
        for path in _found(f"{room}/**/*.py")
        if not path.name.startswith("__") and "migrations" not in path.parts
    ]


def _own_test(module: Path) -> Path:
    return ROOT / "tests" / module.relative_to(ROOT).with_name(f"test_{module.name}")


def _mirrored(test: Path) -> list[Path]:
    """The module or package whose name a test file bears; `test_main` is of `__main__`."""
    name = test.stem.removeprefix("test_")
    place = ROOT / test.relative_to(ROOT / "tests").parent
    named = [place / f"{name}.py", place / name, place / f"__{name}__.py"]
    return [path for path in named if path.exists()]


def _keepers(line: str) -> list[str]:
    named = MODULES[line]
    return [named] if isinstance(named, str) else named


@cache
def _tests_in(path: Path) -> set[str]:
    return {
        node.name
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_every_module_has_its_test_file_or_its_line():
    listed = {path for pattern in MODULES for path in _found(pattern)}
    bare = [
        str(module.relative_to(ROOT))
        for module in _modules()
        if module not in listed and not _own_test(module).exists()
    ]
    assert bare == []


@pytest.mark.parametrize("line", MODULES)
def test_a_line_names_modules_and_tests_that_exist(line):
    """A module with a test file of its own needs no line; a pattern names some that have none."""
    modules = _found(line)
    assert any(not _own_test(module).exists() for module in modules)
    for keeper in _keepers(line):
        file, _, function = keeper.partition("::")
        assert function in _tests_in(ROOT / file), keeper


def test_every_test_file_mirrors_a_module_or_keeps_a_whole_promise():
    stray = []
    for room in ROOMS:
        for path in _found(f"tests/{room}/**/test_*.py"):
            if bool(_mirrored(path)) == (str(path.relative_to(ROOT)) in PROMISES):
                stray.append(str(path.relative_to(ROOT)))
    assert stray == []


def test_every_listed_promise_has_its_file():
    assert [path for path in PROMISES if not (ROOT / path).exists()] == []
