"""Filter expressions from text to tree and back (RFC 7644 section 3.4.2.2)."""

from __future__ import annotations

import json
import re
from typing import cast

from django_scim_provider.core.errors import InvalidFilter
from django_scim_provider.core.filters.expressions import (
    And,
    AttributePath,
    Comparison,
    Filter,
    Not,
    Or,
    Present,
    Value,
    ValuePath,
)
from django_scim_provider.core.filters.operators import OPERATORS, Operator
from django_scim_provider.core.filters.tokenizing import MAX_LENGTH, Token, tokenize

MAX_DEPTH = 32
_WORD = re.compile(r"[\w.$:/-]+")
_WORDS: dict[str, Value] = {"true": True, "false": False, "null": None}
_END = Token("end", "")


def parse(text: str) -> Filter:
    """Return the tree of a filter expression.

    ``not`` binds tighter than ``and``, and ``and`` tighter than ``or``.

    Raises:
        InvalidFilter: the text is not a filter, is longer than 4096 characters, has more than 64
            terms, or nests deeper than 32 levels.
    """
    parser = _Parser(tokenize(text))
    tree = parser.disjunction(0, inside=False)
    if parser.following is not _END:
        raise InvalidFilter(f"Unexpected {parser.following.text!r} in the filter.")
    return tree


def parse_attribute_path(text: str) -> AttributePath | None:
    """Return ``[urn:]name[.sub]`` taken apart, or None if the text is not an attribute path."""
    text = text.strip(" \t")
    # Section 3.10 has no length limit; that of filters keeps the pattern cheap.
    return split_path(text) if len(text) <= MAX_LENGTH and _WORD.fullmatch(text) else None


def split_path(word: str) -> AttributePath | None:
    """Return a word as an attribute path: the name is what follows the last colon, if any."""
    # The last colon: a URN has several, a name has none (RFC 7643 section 2.1).
    urn, colon, name = word.rpartition(":")
    if colon and not urn.lower().startswith("urn:"):
        return None
    # Behind the URN, whose version number has a dot as well.
    name, dot, sub = name.partition(".")
    if not _is_name(name) or (dot and not _is_name(sub)):
        return None
    return AttributePath(name, sub or None, urn or None)


def _is_name(text: str) -> bool:
    bare = text.removeprefix("$")
    # The common case first; the loop below is for digits, hyphens and underscores.
    if bare.isalpha():
        return True
    return bare[:1].isalpha() and all(char.isalnum() or char in "-_" for char in bare)


class _Parser:
    """Recursive descent over the tokens; ``depth`` counts nesting, so that it always ends."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = [*tokens, _END]
        self.position = 0

    @property
    def following(self) -> Token:
        """The next token, which is not taken yet."""
        return self.tokens[self.position]

    def take(self, kind: str | None = None) -> Token:
        """Return the next token, which has to be of that kind."""
        token = self.following
        if token is _END:
            raise InvalidFilter("The filter ends too early.")
        if kind is not None and token.kind != kind:
            raise InvalidFilter(f"Unexpected {token.text[:40]!r} in the filter.")
        self.position += 1
        return token

    def takes_word(self, word: str) -> bool:
        """Take the next token if it is that word, in any case."""
        if not self.following.is_word(word):
            return False
        self.position += 1
        return True

    def disjunction(self, depth: int, *, inside: bool) -> Filter:
        """``conjunction *("or" conjunction)``; ``inside`` tells a value path's brackets."""
        # Before going down: Python's own limit would be met at a depth that depends on the caller.
        if depth > MAX_DEPTH:
            raise InvalidFilter(f"The filter nests deeper than {MAX_DEPTH} levels.")
        # Precedence by the shape of the grammar: ``or`` is made of ``and``, that of factors
        # (section 3.4.2.2: grouping, not, and, or). A table of strengths that puts ``and`` and
        # ``or`` on one line reads ``a or b and c`` wrongly, as scim2-filter-parser 0.7.0 does.
        terms = [self.conjunction(depth, inside=inside)]
        while self.takes_word("or"):
            terms.append(self.conjunction(depth, inside=inside))
        return terms[0] if len(terms) == 1 else Or(tuple(terms))

    def conjunction(self, depth: int, *, inside: bool) -> Filter:
        """``factor *("and" factor)``."""
        terms = [self.factor(depth, inside=inside)]
        while self.takes_word("and"):
            terms.append(self.factor(depth, inside=inside))
        return terms[0] if len(terms) == 1 else And(tuple(terms))

    def factor(self, depth: int, *, inside: bool) -> Filter:
        """A comparison, a value path, a group, or ``not`` and a group."""
        token = self.take()
        if token.kind == "(":
            return self.group(depth, inside=inside)
        if token.is_word("not"):
            # The grammar has ``not`` before parentheses alone; ``not active eq true`` could mean
            # either.
            if self.following.kind != "(":
                raise InvalidFilter("not must be followed by a parenthesis.")
            self.position += 1
            return Not(self.group(depth, inside=inside))
        path = split_path(token.text) if token.kind == "word" else None
        if path is None:
            raise InvalidFilter(f"{token.text[:40]!r} is not the name of an attribute.")
        if self.following.kind == "[":
            # Figure 1: a value filter is inside no other, and behind an attribute, not a
            # sub-attribute.
            if inside or path.sub is not None:
                raise InvalidFilter(f"A value filter is not possible on {path} here.")
            self.position += 1
            return self.value_path(path, depth)
        return self.comparison(path)

    def group(self, depth: int, *, inside: bool) -> Filter:
        """What stands between parentheses; the opening one is taken."""
        tree = self.disjunction(depth + 1, inside=inside)
        self.take(")")
        return tree

    def value_path(self, path: AttributePath, depth: int) -> Filter:
        """``attribute[filter]``, or Entra ID's ``attribute[filter].sub op value``."""
        term = self.disjunction(depth + 1, inside=True)
        self.take("]")
        # ``emails[type eq "work"].value eq "x"`` is not in the grammar of filters, but is a
        # matching query of Entra ID (Microsoft Learn, use-scim-to-provision-users-and-groups). It
        # can only mean one value that satisfies both.
        following = self.following
        if following.kind != "word" or not following.text.startswith("."):
            return ValuePath(path, term)
        self.position += 1
        sub = split_path(following.text[1:])
        if sub is None or sub.sub is not None or sub.urn is not None:
            raise InvalidFilter(f"{following.text[:40]!r} is not a sub-attribute.")
        more = self.comparison(sub)
        return ValuePath(path, And((*(term.terms if isinstance(term, And) else (term,)), more)))

    def comparison(self, path: AttributePath) -> Filter:
        """``path op value`` or ``path pr``; the path is taken."""
        # Section 3.4.2.2: operators are case insensitive.
        operator = self.take("word").text.lower()
        if operator == "pr":
            return Present(path)
        if operator not in OPERATORS:
            raise InvalidFilter(f"{operator[:40]!r} is not an operator.")
        return Comparison(path, cast(Operator, operator), self.value())

    def value(self) -> Value:
        """A JSON string, number, ``true``, ``false`` or ``null``."""
        token = self.take()
        if token.kind in ("string", "number"):
            return token.value
        # JSON has them in lower case; in another case they can mean nothing else.
        if token.kind == "word" and token.text.lower() in _WORDS:
            return _WORDS[token.text.lower()]
        raise InvalidFilter(f"{token.text[:40]!r} is not a value; texts need double quotes.")


def render(tree: Filter) -> str:
    """Return a filter as text; ``parse`` reads it back to an equal tree."""
    match tree:
        case Comparison(path, op, value):
            # JSON, as the grammar says: ``repr`` would quote texts in its own way.
            return f"{path} {op} {json.dumps(value)}"
        case Present(path):
            return f"{path} pr"
        case ValuePath(path, term):
            return f"{path}[{render(term)}]"
        case Not(term):
            return f"not ({render(term)})"
        case And(terms):
            return " and ".join(_grouped(term, And | Or) for term in terms)
        case Or(terms):
            return " or ".join(_grouped(term, Or) for term in terms)


def _grouped(tree: Filter, kinds: object) -> str:
    text = render(tree)
    return f"({text})" if isinstance(tree, kinds) else text  # type: ignore[arg-type]  # a union
