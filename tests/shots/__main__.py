"""`python -m tests.shots --out docs/shots`: start the three hubs, look at every page of each.

Prints what is wrong with a page (axe, overflow, weight, first paint) and ends with 1 if anything
is. `--scene` and `--only` narrow it down, `--png` is for viewers that know no WebP.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.keeper import ROOT, kept_directory
from tests.shots.pages import VIEWS, Places

SCENES = ("full", "empty", "crowded")
CROWD = 200_000  # reports: 10,000 cases


@contextlib.contextmanager
def full(home: Path) -> Iterator[tuple[str, Places]]:
    """A demo in which much happened."""
    from tests.conftest import _live_hub
    from tests.shots import filled

    with contextlib.contextmanager(_live_hub)(home) as hub:
        os.environ["HUB_INSTANCE"] = str(home / "demo")
        places = filled.fill(hub, home)
        yield hub.base_url, places | {"logins": {"engineer": "jd"}}


@contextlib.contextmanager
def empty(home: Path) -> Iterator[tuple[str, Places]]:
    """Officers, and nothing else; logging in goes through an identity provider too."""
    from hub.database import session_scope
    from hub.runner.demo import PASSWORD
    from hub.services.people import accounts
    from models import ROLES

    os.environ |= {"HUB_OIDC_ISSUER": "http://127.0.0.1:9", "HUB_OIDC_CLIENT_ID": "hub",
                   "HUB_OIDC_SECRET": "unused"}  # fmt: skip
    with _bare(home) as base_url:
        with session_scope() as session:
            for role in ROLES:
                accounts.create(session, role, f"{role}", role, PASSWORD)
        yield base_url, {"password": PASSWORD}


@contextlib.contextmanager
def crowded(home: Path) -> Iterator[tuple[str, Places]]:
    """10,000 cases of made-up reports."""
    from sqlalchemy import text

    from hub.database import session_scope
    from tests.bench.desk import PASSWORD, _fill

    with _bare(home) as base_url:
        _fill(CROWD)
        with session_scope() as session:
            most = "SELECT case_id FROM report GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
            crowd = session.scalar(text(most))
        names = {role: f"{role}1" for role in ("clerk", "handler", "approver")}
        yield base_url, {"password": PASSWORD, "crowd": crowd, "logins": names}


@contextlib.contextmanager
def _bare(home: Path) -> Iterator[str]:
    from hub.runner.sandboxes import free_ports
    from hub.runner.serve import running_hub

    os.environ |= {"HUB_INSTANCE": str(home), "HUB_BIND": f"127.0.0.1:{free_ports(1)[0]}"}
    with running_hub() as hub:
        yield hub.settings.base_url


def photograph(scene: str, out: Path, only: str, png: bool, stay: bool) -> int:
    """Every view of one scene at both widths; returns how many have something wrong."""
    from tests.shots.camera import Camera, chromium

    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    bad = 0
    with kept_directory("hubshot-") as home, globals()[scene](home) as (url, places):
        with chromium() as browser:
            camera = Camera(browser, url, places, out)
            views = [v for v in VIEWS if scene in v.scenes and re.search(only, v.name)]
            for view in sorted(views, key=lambda v: v.status):  # those that break things last
                for width in view.widths:
                    try:
                        seen = camera.look(view, scene, width, png)
                    except Exception as error:
                        seen = {"name": view.name, "wrong": [repr(error)[:300]]}
                    bad += bool(seen["wrong"])
                    print(json.dumps(seen, ensure_ascii=False), flush=True)
        if stay:
            print(f"{url}  {json.dumps(places, default=str)}\nEnter ends it", flush=True)
            sys.stdin.readline()
    return bad


SAID = {"full": "", "empty": "，空的中枢", "crowded": "，一万件案件"}


def index(out: Path) -> str:
    """A page that shows each picture with its sentence; what was not taken is left out."""
    rows = [
        "# 每一页",
        "",
        "`python -m tests.shots` 拍下的每一页：左为 1280 像素，右为手机 390 像素；"
        "同时核对无障碍（axe，无严重问题）、横向溢出、页面重量与首次绘制。办案步骤见[办案手册](README.md)。",
    ]
    for view in VIEWS:
        for scene in view.scenes:
            stem = view.name if scene == "full" else f"{view.name}-{scene}"
            shown = [f"{stem}-{w}.webp" for w in view.widths if (out / f"{stem}-{w}.webp").exists()]
            if shown:
                images = " ".join(
                    f'<img src="../{out.name}/{name}" width="{520 if "1280" in name else 180}" '
                    f'alt="{view.said}">'
                    for name in shown
                )
                who = f"（`{view.role}`）" if view.role else ""
                rows += ["", f"**{view.said}{SAID[scene]}**{who} `{view.path}`", "", images]
    return "\n".join(rows) + "\n"


def main() -> int:
    """Each scene in a process of its own, so that none inherits another's settings."""
    parser = argparse.ArgumentParser(prog="python -m tests.shots", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "shots")
    parser.add_argument("--scene", choices=SCENES, help="one of the hubs alone")
    parser.add_argument("--only", default="", help="views whose name holds this pattern")
    parser.add_argument("--png", action="store_true")
    parser.add_argument("--stay", action="store_true", help="leave the hub running until Enter")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("HUB_ENCODER", str(ROOT / "instance" / "encoder"))
    if options.scene:
        return min(photograph(options.scene, options.out, options.only, options.png,
                              options.stay), 1)  # fmt: skip
    again = [sys.executable, "-m", "tests.shots", *sys.argv[1:]]
    worst = max(subprocess.run([*again, "--scene", scene]).returncode for scene in SCENES)
    (options.out.parent / "officers" / "pages.md").write_text(index(options.out), "utf-8")
    return worst


if __name__ == "__main__":
    sys.exit(main())
