"""The command line of `python -m hub`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    """Parse and run; returns the exit status."""
    options = _parser().parse_args(arguments)
    if options.bind:
        os.environ["HUB_BIND"] = options.bind
    if options.command == "demo":
        return _demo(options)
    if options.command == "web":
        return _web()
    if options.command == "worker":
        from hub.runner.worker import work

        return work(options.queue)
    if options.command == "sweeper":
        return _sweeper()
    from hub.runner.serve import serve

    return serve()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m hub", description=__doc__)
    parser.add_argument("--bind", help="host:port of the web process (default 127.0.0.1:8000)")
    commands = parser.add_subparsers(dest="command", metavar="command")
    demo = commands.add_parser("demo", help="the hub, five sandbox platforms, sample reports")
    demo.add_argument("--reports", type=Path, help="JSON lines to send; then stop and print")
    demo.add_argument("--officers", choices=["none", "auto"], default="none")
    demo.add_argument("--json", action="store_true", help="print one JSON object at the end")
    demo.add_argument("--rate", type=float, default=3.0, help="sample reports a second; 0: none")
    commands.add_parser("web", help="the web process alone (gunicorn)")
    worker = commands.add_parser("worker", help="one worker alone")
    worker.add_argument("queue", choices=["assess", "deliver", "remind"])
    commands.add_parser("sweeper", help="the sweeper alone")
    return parser


def _demo(options: argparse.Namespace) -> int:
    from hub.runner import demo

    if options.reports:
        return demo.headless(options.reports, options.officers == "auto", options.json)
    return demo.live(options.officers == "auto", options.rate)


def _web() -> int:
    from hub.runner.serve import gunicorn_command

    os.execv(sys.executable, gunicorn_command())


def _sweeper() -> int:
    import threading

    from hub.jobs import sweep

    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    sweep.run(stopped)
    return 0
