"""`python -m hub.sandbox --config FILE.json`: one platform as one process."""

import argparse
import json
import logging
import os
import signal
import threading

from hub.sandbox.server import Server
from hub.sandbox.service import Config, SandboxPlatform

POLL_S = 0.25


def main() -> None:
    """Serve until SIGTERM or SIGINT, or until the parent process is gone."""
    arguments = argparse.ArgumentParser(prog="python -m hub.sandbox", description=__doc__)
    arguments.add_argument("--config", required=True, help="JSON file of one platform's settings")
    config = Config.load(arguments.parse_args().config)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    parent = config.parent_pid or os.getppid()
    platform = SandboxPlatform(config)
    server = Server(platform)
    platform.start()
    threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
    print(json.dumps({"platform": config.platform, "port": server.server_port}), flush=True)
    while not stopped.wait(POLL_S) and os.getppid() == parent:
        pass
    platform.stop()
    server.shutdown()
    server.server_close()
    platform.store.close()


if __name__ == "__main__":
    main()
