"""All measurements by one command."""

from __future__ import annotations

import argparse
import importlib
import signal
import sys

COMMANDS = {
    "compare": "what the same work costs here, on the floor, and in other packages",
    "import": "how fast people and groups come in, and where the time goes",
    "connections": "what a request costs when many connections take turns",
    "costs": "what the worst request of each kind costs as it grows",
    "moving-in": "a directory that comes from another package, and its providers' deltas",
    "memory": "what a worker has in memory after so many requests",
    "round-trips": "how often each kind of request asks MongoDB, beside databases that speak SQL",
    "pages": "what each page of the console costs on a busy site",
    "calls": "the calls inside of the app that one request makes",
}


def main() -> None:
    """Run the command that is named, with what follows it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for name, text in COMMANDS.items():
        commands.add_parser(name, help=text, add_help=False)
    found, rest = parser.parse_known_args()
    # Who ends a run by a signal leaves no servers behind.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    module = {"import": "imports"}.get(found.command, found.command.replace("-", "_"))
    importlib.import_module(f"benchmarks.{module}").main(rest)


if __name__ == "__main__":
    main()
