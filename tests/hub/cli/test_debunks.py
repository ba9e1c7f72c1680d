"""Debunks are imported once, and what cannot be read is named."""

from __future__ import annotations


def test_debunks_are_imported_once_and_bad_lines_named(run, session, tmp_path):
    file = tmp_path / "debunks.jsonl"
    good = '{"claim": "盐水漱口能杀死病毒", "verdict": "假", "source": "dxy"}'
    file.write_text(f'{good}\n\n{{"claim": "无结论"}}\n{good}\n', "utf-8")
    done = run("debunks", "import", str(file))
    assert done.exit_code == 1
    assert f"{file}:3: " in done.output and "1 new, 0 changed" in done.output
    file.write_text(good, "utf-8")
    again = run("debunks", "import", str(file))
    assert again.exit_code == 0 and "0 new, 0 changed, 1 known, 0 refused" in again.output
    assert "1 debunks, 1 not yet matched" in run("debunks", "count").output
    assert "0 links" in run("debunks", "refresh").output
