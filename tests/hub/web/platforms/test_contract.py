"""What /openapi.json and /docs promise is what the door takes and the hub sends."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from jsonschema_rs import validator_for

from hub.web.platforms import openapi, schemas
from hub.web.platforms.docs import CODES
from hub.web.platforms.examples import EXAMPLES

ROOT = Path(__file__).resolve().parents[4]
MACHINES_SIDE = (
    "hub/web/platforms/webhooks.py",
    "hub/web/platforms/parse.py",
    "hub/web/platforms/api.py",
    "hub/services/platforms/door.py",
    "hub/services/reports/intake.py",
    "hub/services/enforcement/platform_answers.py",
    "hub/services/merchants/lookups.py",
)


def test_openapi_is_served_with_its_webhooks(client):
    document = client.get("/openapi.json").json
    assert document["openapi"] == "3.1.0"
    assert set(document["webhooks"]) == set(schemas.OUTBOUND)  # fmt: skip
    assert set(document["paths"]) == {
        "/webhooks/{platform}", "/api/v1/reports/{report_id}", "/api/v1/orders", "/api/v1/recovery",
        "/api/v1/denylist", "/api/v1/denylist/check",
        "/api/v1/response",
    }  # fmt: skip


def test_the_document_is_valid_openapi():
    import schemathesis

    schema = schemathesis.openapi.from_dict(openapi.document())
    assert len(list(schema.get_all_operations())) == 7


@pytest.mark.parametrize("type_", EXAMPLES)
def test_every_example_fits_its_model_and_its_schema(type_):
    message = EXAMPLES[type_]
    model = {**schemas.INBOUND, **schemas.OUTBOUND}[type_]
    model.model_validate_json(json.dumps(message["data"]))
    document = openapi.document()
    schema = {
        "$ref": f"#/components/schemas/{model.__name__}",
        "components": document["components"],
    }
    validator_for(schema).validate(message["data"])


@pytest.mark.parametrize("type_", schemas.INBOUND)
def test_the_documented_examples_are_taken(jd, type_):
    answer = jd.post(json.dumps(EXAMPLES[type_]).encode())
    if type_.startswith(("report.", "platform.")):
        assert answer.status_code == 202
    else:  # the order, or the lookup, of the example was never sent
        code = "unknown_lookup" if type_.startswith("subject.") else "unknown_order"
        assert (answer.status_code, answer.json["code"]) == (422, code)


def test_docs_show_every_type_with_its_example(client):
    page = client.get("/docs").text
    for type_ in EXAMPLES:
        assert f'id="{type_}"' in page


def test_every_code_of_a_refusal_is_documented(client):
    """Codes in the source of the machine's side, and their anchors in /docs."""
    page = client.get("/docs").text
    for code in _codes():
        assert code in CODES and f'id="{code}"' in page, code


def _codes() -> set[str]:
    found = set()
    for name in MACHINES_SIDE:
        for node in ast.walk(ast.parse((ROOT / name).read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in (
                "Problem",
                "_malformed",
            ):
                at = 1 if node.func.id == "Problem" else 0
                arg = node.args[at] if len(node.args) > at else None
                if isinstance(arg, ast.Constant):
                    found.add(arg.value)
    return found
