"""Bodies that are hard to read or to check, and searches that are long."""

from __future__ import annotations

import io
from itertools import count

from benchmarks.sessions import ENTERPRISE, SEARCH, USER, Request, Session, filled, post

BRACKETS = b"[" + b",".join([b"[]"] * 40) + b"]"


def escaped_quotes_before_brackets(session: Session, size: int) -> Request:
    return post(size, b'"x":"', b'\\"', b'","y":' + BRACKETS + b"}")


def escaped_quotes_after_brackets(session: Session, size: int) -> Request:
    return post(size, b'"y":' + BRACKETS + b',"x":"', b'\\"', b'"}')


def escaped_quotes_without_end(session: Session, size: int) -> Request:
    return post(size, b'"y":' + BRACKETS + b',"x":"', b'\\"', b"")


def deep_nesting(session: Session, size: int) -> Request:
    return Request("POST", "/Users", b"[" * size)


def nesting_within_the_limit(session: Session, size: int) -> Request:
    deep = b"[" * 28 + b"]" * 28
    return post(size, b'"x":[[]', b"," + deep, b"]}")


def repeated_keys(session: Session, size: int) -> Request:
    return post(size, b'"b":0', b',"a":0', b"}")


def keys_in_other_escapes(session: Session, size: int) -> Request:
    return post(size, b'"a":0', b',"\\u0061":0', b"}")


def small_keys(session: Session, size: int) -> Request:
    keys = (b'"k%x":0' % number for number in count())
    head = b'{"schemas":["%s"],"userName":"x",' % USER.encode()
    return Request("POST", "/Users", filled(size, head, keys, b"}"))


def small_objects(session: Session, size: int) -> Request:
    return post(size, b'"x":[{}', b',{"":0}', b"]}")


def long_text(session: Session, size: int) -> Request:
    return post(size, b'"displayName":"', b"x", b'"}')


def combining_marks(session: Session, size: int) -> Request:
    half = (size - 200) // 4
    marks = "\u0301" * half + "\u0323" * half
    return post(size, b'"displayName":"' + marks.encode(), b"x", b'"}')


def ligatures(session: Session, size: int) -> Request:
    return post(size, b'"displayName":"', "\ufdfa".encode(), b'"}')


def certificate_of_blanks(session: Session, size: int) -> Request:
    return post(size, b'"x509Certificates":[{"value":"', b" ", b'!"}]}')


def values_of_an_attribute(session: Session, size: int) -> Request:
    return post(size, b'"emails":[{"value":"a@x"}', b',{"value":"a@x"}', b"]}")


def big_extension(session: Session, size: int) -> Request:
    keys = (b'"k%x":{"a":[0]}' % number for number in count())
    head = b'{"schemas":["%s"],"userName":"x","%s":{' % (USER.encode(), ENTERPRISE.encode())
    return Request("POST", "/Users", filled(size, head, keys, b"}}"))


def long_filter(session: Session, size: int) -> Request:
    head = b'{"schemas":["%s"],"filter":"userName eq \\"' % SEARCH.encode()
    return Request("POST", "/Users/.search", head + b"x" * (size - len(head) - 4) + b'\\""}')


def long_list_of_attributes(session: Session, size: int) -> Request:
    head = b'{"schemas":["%s"],"attributes":[' % SEARCH.encode()
    names = (b'"a%x.b"' % number for number in count())
    return Request("POST", "/Users/.search", filled(size, head, names, b"]}"))


def chunked_body(session: Session, size: int) -> Request:
    request = post(size, b'"displayName":"', b"x", b'"}')
    headers = {
        "HTTP_TRANSFER_ENCODING": "chunked",
        "CONTENT_LENGTH": "",
        "CONTENT_TYPE": "application/scim+json",  # the client names none where it is given no body
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.input_terminated": True,
    }
    return Request("POST", "/Users", headers=headers)
