"""Violation rules are measured by what the rows of a file hold."""

import json

import pytest

from classifiers.evaluate.__main__ import main
from tests.classifiers.samples import rows_file


@pytest.mark.parametrize(
    ("line", "keys"),
    [
        ({"word": "全网第一"}, {"n", "recall"}),
        ({"text": "店里无证经营", "violations": ["unlicensed"]}, {"precision", "recall", "types"}),
        ({"text": "店里无证经营"}, {"types_per_1000", "rules_per_1000"}),
    ],
)
def test_violations_are_measured_by_what_the_file_holds(tmp_path, capsys, line, keys):
    assert main(["violation", str(rows_file(tmp_path / "rows.jsonl", line))]) == 0
    assert keys <= set(json.loads(capsys.readouterr().out))


def test_an_unknown_violation_is_named(tmp_path, capsys):
    assert (
        main(
            [
                "violation",
                str(rows_file(tmp_path / "rows.jsonl", {"text": "某事", "violations": ["x"]})),
            ]
        )
        == 2
    )
    assert "no such violation: x" in capsys.readouterr().err
