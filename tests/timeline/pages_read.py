"""What tests of the pages with timelines read, and as whom."""

from __future__ import annotations

import re
from typing import Any

MAY = "view_linkedaccount", "view_provisionedgroup", "view_provisioningevent"


def text_of(response: Any) -> str:
    """Return what a page says, without its tags."""
    assert response.status_code == 200
    found = re.search(r'<div id="content".*', response.content.decode(), re.DOTALL)
    assert found is not None
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", found.group()))
