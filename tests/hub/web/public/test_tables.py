"""Open data: tables as the dictionary describes them."""

from __future__ import annotations

import csv
import io

import pytest

from hub.services.openness import open_data


@pytest.mark.parametrize("name", sorted(open_data.DATA))
def test_tables_have_the_columns_of_the_dictionary(session, client, debunk, name):
    known = {t["name"]: t for t in client.get("/public/data/dictionary.json").json["tables"]}
    fields = [field["name"] for field in known[name]["fields"]]
    told = client.get(f"/public/data/{name}.json").json
    assert told["fields"] == fields and told["version"] == open_data.VERSION
    assert all(list(row) == fields for row in told["rows"])
    rows = list(csv.reader(io.StringIO(client.get(f"/public/data/{name}.csv").text[1:])))
    assert rows[0] == fields and len(rows) == len(told["rows"]) + 1
    assert known[name]["csv"] == f"/public/data/{name}.csv"


def test_an_unknown_table_is_not_there(client):
    assert client.get("/public/data/users.csv").status_code == 404
    assert client.get("/public/debunks/9").status_code == 404
