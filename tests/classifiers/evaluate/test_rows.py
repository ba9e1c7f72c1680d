"""A file of rows is read line by line, and what is wrong is named."""

from classifiers.evaluate import rows


def test_a_line_separator_inside_a_text_ends_no_line(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "前\u2028后"}\n', "utf-8")
    assert rows.read(path, {"text": str}) == [{"text": "前\u2028后"}]
