"""`python -m hub`: the whole hub, one of its processes, or the demo."""

from hub.runner.main import main

if __name__ == "__main__":
    raise SystemExit(main())
