"""What each project has beside SCIM: a way to log in, and a page for those who are."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import authenticate, get_user_model, login
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt


@csrf_exempt
def sign_in(request: HttpRequest) -> HttpResponse:
    user = authenticate(request, username=request.POST["name"], password=request.POST["password"])
    if user is None:
        return HttpResponse("Refused.", status=403)
    login(request, user)
    return HttpResponse("Welcome.")


def who(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return HttpResponse("Nobody.", status=401)
    return HttpResponse(request.user.get_username())


urlpatterns = [path("sign-in", sign_in), path("who", who)]


def prepare(name: str) -> None:
    """Give a user a password, and make a superuser, as their owners do."""
    model = get_user_model()
    user = model._default_manager.get(**{model.USERNAME_FIELD: name})
    root = model(
        **{model.USERNAME_FIELD: "root@example.com"},
        is_staff=True,
        is_superuser=True,
        **getattr(settings, "ROOT_HAS", {}),
    )
    for person in (user, root):
        person.set_password("open sesame")
        person.save()
