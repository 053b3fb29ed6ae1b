"""Runs management commands and Python in a project: one JSON object a line, and one in answer.

``python commands.py FOLDER``, the folder of ``manage.py``; ``tests.browser.site`` starts it.
"""

from __future__ import annotations

import io
import json
import os
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout
from typing import Any


def run(wanted: dict[str, Any]) -> dict[str, Any]:
    """Return the exit code and what was printed, and what was complained of beside it."""
    from django.core.management import execute_from_command_line
    from django.db import connections

    printed, complained = io.StringIO(), io.StringIO()
    sys.stdin = io.StringIO(wanted.get("text", ""))
    code: Any = 0
    with redirect_stdout(printed), redirect_stderr(complained):
        try:
            if "code" in wanted:
                exec(wanted["code"], {})  # what the test itself says
            else:
                execute_from_command_line(["manage.py", *wanted["arguments"]])
        except SystemExit as ended:
            code = ended.code or 0
        except Exception:
            traceback.print_exc()
            code = 1
    # The next one may find another database.
    connections.close_all()
    return {"code": code, "printed": printed.getvalue(), "complained": complained.getvalue()}


def main() -> None:
    """Answer until nothing comes any more."""
    sys.path.insert(0, sys.argv[1])
    os.environ["DJANGO_SETTINGS_MODULE"] = "example.settings"
    import django

    django.setup()
    asked = sys.stdin
    for line in asked:
        print(json.dumps(run(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
