"""Facts of decisions are counted against what their layout prints and a person read."""

import json

from classifiers.evaluate.__main__ import main
from tests.classifiers.samples import rows_file

DECISION = {
    "text": "当事人：小满杂货铺\n决定处罚如下：罚款500元。依据《价格法》第四十二条。逾期不缴"
}


def test_printed_facts_of_a_decision_are_found(tmp_path, capsys):
    main(["entities", str(rows_file(tmp_path / "rows.jsonl", DECISION))])
    figures = json.loads(capsys.readouterr().out)
    assert (figures["party"], figures["fine"], figures["articles"]) == (1.0, 1.0, 1.0)
    assert figures["party_n"] == figures["fine_n"] == figures["articles_n"] == 1
