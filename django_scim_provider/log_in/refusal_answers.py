"""What somebody gets who may not enter, or may not stay: a page, a redirect, or JSON."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render, resolve_url
from django.utils.cache import add_never_cache_headers
from django.utils.http import urlencode

from django_scim_provider.conf import get_settings
from django_scim_provider.log_in.refusals import LogInRefused

TEMPLATE = "django_scim_provider/log_in/refused.html"


def refusal_answer(request: HttpRequest, refused: LogInRefused) -> HttpResponse:
    """Return the answer, 403 with the reason in words, or a redirect with it as ``reason``.

    The latter where ``LOG_IN_REFUSED_URL`` is set; whoever does not accept HTML gets JSON.
    """
    answer = _answer(request, refused)
    add_never_cache_headers(answer)
    return answer


def _answer(request: HttpRequest, refused: LogInRefused) -> HttpResponse:
    told: dict[str, Any] = {"message": refused.message, "reason": refused.reason.value}
    if not request.accepts("text/html"):
        return JsonResponse({"detail": told["message"], "reason": told["reason"]}, status=403)
    page = get_settings().LOG_IN_REFUSED_URL
    if page is None:
        return render(request, TEMPLATE, told, status=403)
    address = resolve_url(page)
    mark = "&" if "?" in address else "?"
    return HttpResponseRedirect(f"{address}{mark}{urlencode({'reason': told['reason']})}")
