"""A list is taken away under its name, and no cell of it is a formula."""

import io

import pytest
from openpyxl import load_workbook

from hub.web.common.downloads import download

HEAD, ROWS = ("编号", "标题"), [("C1", "=1+1"), ("C2", "口罩")]


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_the_file_has_its_name_and_every_row(ending):
    answer = download("案件", HEAD, ROWS, "案件", ending)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert f".{ending}" in answer.headers["Content-Disposition"]
    body = answer.get_data()
    if ending == "xlsx":
        cells = [c for row in load_workbook(io.BytesIO(body)).active.iter_rows() for c in row]
        assert {c.value for c in cells} >= {"编号", "C2", "口罩"}
        assert all(c.data_type != "f" for c in cells)
    else:
        assert answer.mimetype == "text/csv"
        assert "C2,口罩" in body.decode("utf-8-sig") and ",=1+1" not in body.decode("utf-8-sig")
