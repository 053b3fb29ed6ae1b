"""A SAML identity provider without a network: it signs real assertions."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import import_module
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4
from xml.sax.saxutils import escape

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from lxml import etree

xmlsec: Any = import_module("xmlsec")  # its stubs lack half of it

_ATTRIBUTE = (
    '<saml:Attribute Name="{name}"><saml:AttributeValue>{value}</saml:AttributeValue>'
    "</saml:Attribute>"
)
_RESPONSE = """<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"
 xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="r{id}" Version="2.0"
 IssueInstant="{now}" Destination="{acs}" InResponseTo="{request}"
><saml:Issuer>{said_issuer}</saml:Issuer
><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status
><saml:Assertion ID="a{id}" Version="2.0" IssueInstant="{now}"
><saml:Issuer>{issuer}</saml:Issuer
><saml:Subject><saml:NameID>{name_id}</saml:NameID
><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"
><saml:SubjectConfirmationData InResponseTo="{request}" NotOnOrAfter="{later}" Recipient="{acs}"
/></saml:SubjectConfirmation></saml:Subject
><saml:Conditions NotBefore="{before}" NotOnOrAfter="{later}"
><saml:AudienceRestriction><saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction
></saml:Conditions
><saml:AuthnStatement AuthnInstant="{now}" SessionIndex="s{id}"><saml:AuthnContext
><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef
></saml:AuthnContext></saml:AuthnStatement
><saml:AttributeStatement>{attributes}</saml:AttributeStatement
></saml:Assertion></samlp:Response>"""
_METADATA = """<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"
 xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="{entity_id}"
><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"
><md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}\
</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor
><md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
 Location="{entity_id}/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>"""


@cache
def credentials(entity_id: str) -> tuple[bytes, bytes]:
    """Return the key and the certificate of an identity provider, as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, entity_id)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    written = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return written, certificate.public_bytes(pem)


class SAMLProvider:
    """Answers the requests of service providers with an assertion that it has signed.

    ``signs_as`` is whose key it has; without it, its own.
    """

    def __init__(self, entity_id: str, *, audience: str, signs_as: str = "") -> None:
        self.entity_id = entity_id
        self.audience = audience
        self.signs_as = signs_as or entity_id

    @property
    def certificate(self) -> str:
        """The certificate as metadata and settings have it: base64 in one line."""
        lines = credentials(self.entity_id)[1].decode().splitlines()
        return "".join(lines[1:-1])

    @property
    def metadata(self) -> str:
        """What a service provider has to know."""
        return _METADATA.format(entity_id=self.entity_id, certificate=self.certificate)

    def answer(
        self,
        location: str,
        name_id: str,
        attributes: Mapping[str, str],
        *,
        said_issuer: str | None = None,
    ) -> tuple[str, dict[str, str]]:
        """Return the path to post to, and the form, where ``location`` is the redirect to here.

        ``said_issuer`` is whom the response, which is not signed, names as its issuer.
        """
        query = dict(parse_qsl(urlsplit(location).query))
        request = etree.fromstring(zlib.decompress(base64.b64decode(query["SAMLRequest"]), -15))
        acs = request.get("AssertionConsumerServiceURL")
        now = datetime.now(UTC)
        document = _RESPONSE.format(
            id=uuid4().hex,
            request=request.get("ID"),
            acs=acs,
            audience=self.audience,
            issuer=self.entity_id,
            said_issuer=said_issuer or self.entity_id,
            name_id=escape(name_id),
            attributes="".join(
                _ATTRIBUTE.format(name=name, value=escape(value))
                for name, value in {**attributes, "locale": "en"}.items()  # it has to have one
            ),
            now=_text(now),
            before=_text(now - timedelta(minutes=5)),
            later=_text(now + timedelta(minutes=5)),
        )
        form = {"SAMLResponse": base64.b64encode(self._sign(document)).decode()}
        return urlsplit(acs).path, form | {"RelayState": query.get("RelayState", "")}

    def _sign(self, document: str) -> bytes:
        root = etree.fromstring(document)
        assertion = root.find("{*}Assertion")
        signature = xmlsec.template.create(
            assertion, xmlsec.Transform.EXCL_C14N, xmlsec.Transform.RSA_SHA256
        )
        assertion.insert(1, signature)
        reference = xmlsec.template.add_reference(
            signature, xmlsec.Transform.SHA256, uri=f"#{assertion.get('ID')}"
        )
        xmlsec.template.add_transform(reference, xmlsec.Transform.ENVELOPED)
        xmlsec.template.add_transform(reference, xmlsec.Transform.EXCL_C14N)
        xmlsec.tree.add_ids(assertion, ["ID"])
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory(
            credentials(self.signs_as)[0], xmlsec.KeyFormat.PEM, None
        )
        context.sign(signature)
        signed: bytes = etree.tostring(root)
        return signed


def verify(document: str, id: str, certificate: str) -> bool:
    """Tell whether the element of that id is signed by whom the certificate is about."""
    root: Any = etree.fromstring(document.encode())
    xmlsec.tree.add_ids(root, ["ID"])
    (element,) = (each for each in root.iter() if each.get("ID") == id)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_file(certificate, xmlsec.KeyFormat.CERT_PEM)
    try:
        context.verify(element.find("{http://www.w3.org/2000/09/xmldsig#}Signature"))
    except xmlsec.Error:
        return False
    return True


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
