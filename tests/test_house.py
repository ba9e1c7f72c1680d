"""The house stands as it was drawn: one direction of imports, one shape of the database,
contracts that say what the code does."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted(
    p for room in ("hub", "models", "classifiers") for p in (ROOT / room).rglob("*.py")
)


def test_imports_go_one_way():
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports")],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def _cycles(imports: dict[str, set[str]]) -> list[list[str]]:
    """Modules that reach each other, as strongly connected components (Tarjan 1972)."""
    index: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    found = []

    def visit(module: str) -> None:
        index[module] = lowest[module] = len(index)
        stack.append(module)
        for imported in imports[module]:
            if imported not in index:
                visit(imported)
                lowest[module] = min(lowest[module], lowest[imported])
            elif imported in stack:
                lowest[module] = min(lowest[module], index[imported])
        if lowest[module] == index[module]:
            start = stack.index(module)
            component = stack[start:]
            del stack[start:]
            if len(component) > 1:
                found.append(sorted(component))

    for module in imports:
        if module not in index:
            visit(module)
    return found


def test_no_modules_import_each_other_in_a_circle():
    """Imports inside functions and under TYPE_CHECKING count like any other."""
    graph = grimp.build_graph("hub", "models", "classifiers", cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert len(imports) > 300
    assert _cycles(imports) == []
    assert _cycles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]


def test_models_and_migrations_agree(database_url):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from sqlalchemy import create_engine

    from models import Base

    def ours(_object, name, kind, reflected, _to):
        # Embedding indexes are made per encoder width when a worker starts.
        made_later = ("ix_wording_embedding", "ix_debunk_embedding", "ix_debunk_told_embedding")
        return not (kind == "index" and reflected and str(name).startswith(made_later))

    with create_engine(database_url).connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": ours})
        assert compare_metadata(context, Base.metadata) == []


def test_there_is_one_newest_migration():
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(ROOT / "models" / "migrations"))
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1


def test_the_web_process_loads_no_model():
    code = (
        "import sys; from hub import create_app; create_app(); "
        "print([m for m in ('torch','onnxruntime','sklearn','transformers') "
        "if m in sys.modules]); import jieba; assert not jieba.dt.initialized"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_public_function_says_what_it_does(path):
    if "versions" in path.parts:
        return
    bare = [
        node.name
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
        and not any(getattr(b, "id", "") == "Base" for b in getattr(node, "bases", []))
    ]
    assert bare == []


def test_only_handlers_and_jobs_commit():
    """A service that commits takes the decision out of its caller's transaction."""
    found = {
        f"{path.parent.name}/{path.name}"
        for floor in ("services", "desk", "outbound")
        for path in (ROOT / "hub" / floor).rglob("*.py")
        if re.search(r"\.commit\s*\(|\b(session_scope|autocommit)\(", path.read_text("utf-8"))
    }
    # What has no caller's transaction: a cache that looks again, a refusal that is recorded
    # though nothing was taken, and tokens that are spent whatever becomes of the request.
    alone = {"assessment/loaded_models.py", "platforms/keys.py", "platforms/rate_limits.py"}
    assert found == alone | {"platforms/door.py", "installation/schema.py"}


def test_advisory_locks_are_taken_in_one_module():
    """Only `hub.locks` knows the order in which they may be taken."""
    found = [p.name for p in SOURCES if "pg_advisory" in p.read_text("utf-8")]
    assert found == ["locks.py"]


def test_rows_are_locked_in_one_way():
    """FOR UPDATE would also stop the audit log, which refers to cases."""
    calls = [
        (path.name, call)
        for path in SOURCES
        for call in re.findall(r"with_for_update(?:=|\().*", path.read_text("utf-8"))
    ]
    assert calls and [each for each in calls if "CHANGING" not in each[1]] == []


def test_no_two_public_classes_share_a_name():
    """A name that is searched for is found in one place."""
    homes: dict[str, set[str]] = {}
    for path in SOURCES:
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes.setdefault(node.name, set()).add(str(path.relative_to(ROOT)))
    assert {name: found for name, found in homes.items() if len(found) > 1} == {}
