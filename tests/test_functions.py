"""What holds for every function: its docstring says what it raises, and it fits in a head."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted(
    path
    for package in ("hub", "models", "classifiers")
    for path in (ROOT / package).rglob("*.py")
    if "versions" not in path.parts
)
COMPLEXITY = 14
# What a command raises is its exit status and its message: nothing that a caller catches.
_EXITS = {"ClickException", "SystemExit"}

_NESTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_BRANCHES = (
    ast.If,
    ast.For,
    ast.While,
    ast.IfExp,
    ast.ExceptHandler,
    ast.Assert,
    ast.match_case,
)


def _nodes(node: ast.AST) -> Iterator[ast.AST]:
    """What stands in a function itself, not in functions within it."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, _NESTED):
            yield child
            yield from _nodes(child)


def complexity(function: ast.AST) -> int:
    """Cyclomatic complexity that counts each `and` and `or`, and comprehensions as loops."""
    total = 1
    for node in _nodes(function):
        total += isinstance(node, _BRANCHES)
        if isinstance(node, ast.BoolOp):
            total += len(node.values) - 1
        elif isinstance(node, ast.comprehension):
            total += 1 + len(node.ifs)
    return total


def _name(exception: ast.expr) -> str:
    called = exception.func if isinstance(exception, ast.Call) else exception
    return ast.unparse(called).split(".")[-1]


def _caught(handlers: list[ast.ExceptHandler]) -> set[str]:
    types = [handler.type for handler in handlers if handler.type]
    named = [t.elts if isinstance(t, ast.Tuple) else [t] for t in types]
    return {_name(each) for names in named for each in names}


def raised(node: ast.AST, caught: Collection[str] = ()) -> set[str]:
    """Names of what a function raises itself and does not catch; `raise` alone passes on what
    another raised."""
    found: set[str] = set()
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Raise) and child.exc:
            found |= {_name(child.exc)} - set(caught)
        elif isinstance(child, ast.Try):
            inside = {*caught, *_caught(child.handlers)}
            found |= raised(ast.Module(child.body, []), inside)
            outside = [*child.handlers, *child.orelse, *child.finalbody]
            found |= raised(ast.Module(outside, []), caught)  # type: ignore[arg-type]
        elif not isinstance(child, _NESTED):
            found |= raised(child, caught)
    return found


def _public(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    for scope in (tree, *(node for node in classes if not node.name.startswith("_"))):
        for node in scope.body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                yield node


def _silent(source: str) -> list[str]:
    return [
        f"{function.name} raises {', '.join(sorted(names))}"
        for function in _public(ast.parse(source))
        if (names := raised(function) - _EXITS)
        and "raises" not in (ast.get_docstring(function) or "").lower()
    ]


def _says(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=_says)
def test_a_public_function_says_what_it_raises(path):
    assert _silent(path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", SOURCES, ids=_says)
def test_no_function_is_too_complex(path):
    found = {
        f"{_says(path)}:{node.name}": n
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and (n := complexity(node)) > COMPLEXITY
    }
    assert found == {}


def test_the_measures_by_hand():
    silent = """
def caught():
    try:
        raise ValueError
    except (KeyError, ValueError):
        pass

def helper(x):
    if x:
        raise conflict("no")

def documented():
    '''Raises Problem 409.'''
    raise conflict("no")
"""
    assert _silent(silent) == ["helper raises conflict"]
    (function,) = ast.parse(
        "def f(a, b):\n  return [c for c in a if c and b or c] if a else b"
    ).body
    assert complexity(function) == 1 + 1 + 2 + 2
