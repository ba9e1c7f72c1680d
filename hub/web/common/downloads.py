"""A list as a download, Excel or CSV."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response

from hub.services.office import spreadsheets


def download(
    title: str, head: Sequence[str], rows: Iterable[Sequence[Any]], name: str, ending: str = "xlsx"
) -> Response:
    """The rows as a file `name`.`ending`; `ending` is xlsx or csv."""
    if ending == "xlsx":
        answer = Response(spreadsheets.xlsx(title, head, rows), mimetype=spreadsheets.XLSX)
    else:
        answer = Response(spreadsheets.comma(head, rows), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}.{ending}")
    return answer
