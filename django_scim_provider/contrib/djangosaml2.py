"""djangosaml2: provisioned people enter by the identity provider that is their connection's.

.. code-block:: python

    AUTHENTICATION_BACKENDS = ["django_scim_provider.contrib.djangosaml2.SAMLBackend"]

    from django_scim_provider.contrib.djangosaml2 import AssertionConsumerView

    urlpatterns = [
        path("saml2/acs/", AssertionConsumerView.as_view(), name="saml2_acs"),
        path("saml2/", include("djangosaml2.urls")),
    ]
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from djangosaml2.backends import Saml2Backend
from djangosaml2.views import AssertionConsumerServiceView

from django_scim_provider.contrib.strangers import are_strangers
from django_scim_provider.log_in import LogInRefused, account_of_log_in, refusal_answer
from django_scim_provider.log_in.bindings import is_bound

_ISSUER, _REFUSED = "_scim_provider_saml_issuer", "_scim_provider_log_in_refused"


class AssertionConsumerView(AssertionConsumerServiceView):  # type: ignore[misc]  # the package is untyped
    """For the route ``saml2_acs``: says who has really issued the assertion.

    pysaml2 names the issuer of the response, which nobody need have signed: an identity provider
    could name another one there, and sign the assertion as itself.
    """

    def custom_validation(self, response: Any) -> None:
        """Note the issuer of the one assertion for the backend.

        Raises:
            SuspiciousOperation: there are several assertions, or the response names another issuer.
        """
        super().custom_validation(response)
        issuers = [str(each.issuer.text).strip() for each in response.assertions]
        if issuers != [response.issuer()]:
            raise SuspiciousOperation("The assertion is not of the issuer of the response.")
        setattr(self.request, _ISSUER, issuers[0])

    def handle_acs_failure(
        self, request: HttpRequest, exception: Any = None, status: int = 403, **kwargs: Any
    ) -> HttpResponse:
        """Return the answer with the reason, or the package's own where something else failed."""
        refused = getattr(request, _REFUSED, None)
        if refused is not None:
            return refusal_answer(request, refused)
        response: HttpResponse = super().handle_acs_failure(request, exception, status, **kwargs)
        return response


class SAMLBackend(Saml2Backend):  # type: ignore[misc]  # the package is untyped
    """For ``AUTHENTICATION_BACKENDS``, in the place of ``Saml2Backend``.

    The entity id of the identity provider decides the connection. The claims that a binding may
    name are the attributes of the assertion, and ``name_id``. One that is not bound logs nobody in;
    backends that follow may.
    """

    def authenticate(
        self,
        request: Any,
        session_info: Any = None,
        attribute_mapping: Any = None,
        create_unknown_user: bool = True,
        assertion_info: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Return the user of the active account; their fields stay as the directory has them.

        Raises:
            PermissionDenied: the person does not enter, or ``AssertionConsumerView`` was not asked.
        """
        if session_info is None:
            return None
        issuer, name_id = session_info["issuer"], session_info.get("name_id")
        attributes = self.clean_attributes(session_info.get("ava", {}), issuer)
        claims = {**attributes, "name_id": getattr(name_id, "text", None)}
        if not is_bound(issuer, claims):
            return None
        if getattr(request, _ISSUER, None) != issuer:
            raise PermissionDenied("Nobody knows who has issued the assertion.")
        if not self.is_authorized(attributes, attribute_mapping, issuer, assertion_info):
            return None
        try:
            found = account_of_log_in(issuer, claims)
        except LogInRefused as refused:
            setattr(request, _REFUSED, refused)
            raise PermissionDenied(refused.message) from refused
        if found is not None:
            return found.user if self.user_can_authenticate(found.user) else None
        return super().authenticate(
            request, session_info, attribute_mapping, create_unknown_user, assertion_info, **kwargs
        )

    def get_or_create_user(self, *args: Any, **kwargs: Any) -> tuple[Any, bool]:
        """Return whom djangosaml2 finds or makes, unless a connection holds them or it is staff."""
        user, created = super().get_or_create_user(*args, **kwargs)
        if user is None or created or are_strangers([user]):
            return user, created
        return None, False
