"""Where a run keeps what it makes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def folder_of(kept: Path | None) -> Iterator[Path]:
    """Yield the folder that was named, or one that is gone at the end."""
    if kept is not None:
        kept = kept.resolve()
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # a database server may run as somebody else
        yield folder
