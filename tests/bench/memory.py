"""What a worker with everything loaded, and a web process, take of memory."""

from __future__ import annotations

import json
import subprocess
import sys

_WORKER = """
import json, psutil
from classifiers.encoder import Encoder, default_encoder_dir
from classifiers.assess import Assessor
from classifiers.matching import views, likeness, Candidate
encoder = Encoder.load(default_encoder_dir())
assessor = Assessor.load(encoder)
texts = ["网传明天起全市超市停业,请大家赶紧囤积米面粮油" * 4] * 32
seen = views(texts, encoder)
assessor.assess(texts)
likeness(seen[0].text, [Candidate(1, 1, seen[1].text, None, 0.5)])
print(json.dumps(psutil.Process().memory_info().rss / 2**20))
"""
_WEB = """
import json, psutil, sys
from hub import create_app
create_app()
models = [m for m in ("torch", "onnxruntime", "sklearn", "transformers") if m in sys.modules]
print(json.dumps([psutil.Process().memory_info().rss / 2**20, models]))
"""


def measure() -> dict[str, object]:
    """Megabytes of resident memory of both; the models a web process imported."""
    web, models = _run(_WEB)
    return {
        "worker_rss_mb": round(_run(_WORKER), 1),
        "web_rss_mb": round(web, 1),
        "web_imports_models": models,
    }


def _run(code: str):
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout.splitlines()[-1])
