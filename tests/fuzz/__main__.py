"""`python -m tests.fuzz parser|verifier|api --runs N`: exit 1 when anything but a named refusal
came of it. `parser` and `verifier` are led by coverage (atheris), `api` by the OpenAPI document
(schemathesis) against the hub at `--hub`."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path


def main() -> int:
    """Fuzz one target; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", choices=["parser", "verifier", "api"])
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("--hub", help="api: base URL of a running hub")
    parser.add_argument("--platform", default="jd", help="api: who sends")
    parser.add_argument("--secret", default="", help="api: what it signs with (whsec_...)")
    parser.add_argument("--token", default="", help="api: its bearer token")
    options = parser.parse_args()
    if options.target == "api":
        from tests.fuzz import api

        found = api.run(options.hub, options.platform, options.secret, options.token, options.runs)
        print(json.dumps(found))
        return 1 if found["wrong"] else 0
    return _guided(options.target, options.runs)


def _guided(target: str, runs: int) -> int:
    import atheris

    with atheris.instrument_imports(
        include=["hub.web.platforms.parse", "hub.services.platforms.door", "hub.outbound"]
    ):
        from tests.fuzz import targets
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(targets.seeds(target)):
            (Path(corpus) / str(number)).write_bytes(seed)
        words = [sys.argv[0], f"-runs={runs}", "-max_len=2048", "-timeout=10"]
        words.append(f"-artifact_prefix={corpus}/")
        atheris.Setup([*words, corpus], getattr(targets, target))
        atheris.Fuzz()  # ends the process: 0 after `runs`, else the crash is shown
    return 0


if __name__ == "__main__":
    sys.exit(main())
