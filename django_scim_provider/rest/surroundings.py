"""What a request of a connection is served in: the context manager that the project names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any, TypeVar, overload

from rest_framework.permissions import SAFE_METHODS

from django_scim_provider.conf import get_settings
from django_scim_provider.rest.exceptions import as_scim_error
from django_scim_provider.rest.observation import ObservedView
from django_scim_provider.storage.request_context import entered

Problem = TypeVar("Problem", bound=BaseException)

UNKNOWN_END = (
    "The server failed when the request was over; look whether it has changed something before you "
    "send it again."
)


class SurroundedView(ObservedView):
    """Enters what ``REQUEST_CONTEXT`` names once the connection is known.

    It is left before the answer is sent, and entered again for each piece of one that is sent in
    pieces. A single entry that lasted until the last piece would be left in another thread or
    context than it was entered in, or, where the client is gone, never.
    """

    store_context: Any
    """The ``StoreContext`` of the request, once its token is verified."""
    _around: AbstractContextManager[None] | None = None

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Serve a request; nothing stays entered, whatever ends it."""
        try:
            return super().dispatch(request, *args, **kwargs)
        except BaseException as exc:
            self.leave(exc)
            raise

    def enter(self) -> None:
        """Enter; the connection is known."""
        if get_settings().REQUEST_CONTEXT is not None:
            around = entered(self.store_context)
            around.__enter__()
            self._around = around

    @overload
    def leave(self, exc: None = None) -> Exception | None: ...

    @overload
    def leave(self, exc: Problem) -> Problem | Exception: ...

    def leave(self, exc: BaseException | None = None) -> BaseException | None:
        """Leave, with the exception that ended the work; return the one that is to be answered.

        That is another one where the context manager raises it; it cannot swallow one.
        """
        around, self._around = self._around, None
        if around is None:
            return exc
        try:
            if exc is None:
                around.__exit__(None, None, None)
            else:
                around.__exit__(type(exc), exc, exc.__traceback__)
        except Exception as other:
            return other
        return exc

    def inside(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the pieces of an answer, each of which is made inside."""
        while True:
            with entered(self.store_context):
                piece = next(pieces, None)
            if piece is None:
                return
            yield piece

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Leave when the work is done; a fault of that is answered like any other.

        Only what the answer says of the changes is different: they were made before the fault, and
        nobody knows here whether the context manager has undone them.
        """
        problem = self.leave()
        if problem is not None:
            response = self.handle_exception(problem)
            is_fault = response.status_code == 500 and as_scim_error(problem) is not problem
            if is_fault and request.method not in SAFE_METHODS:
                response.data["detail"] = UNKNOWN_END
        return super().finalize_response(request, response, *args, **kwargs)
