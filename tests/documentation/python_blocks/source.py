"""What a block needs around it to be a module: blocks show parts of files."""

from __future__ import annotations

import ast
import textwrap
from types import CodeType


def compiled(text: str, name: str) -> tuple[CodeType, CodeType | None]:
    """Return the code of a block, and that of the expression it ends with, if it does."""
    tree = ast.parse(_whole(text))
    last = tree.body[-1]
    value = None
    if isinstance(last, ast.Expr):
        value = compile(ast.Expression(tree.body.pop().value), name, "eval")  # type: ignore[attr-defined]
    return compile(tree, name, "exec"), value


def _whole(text: str) -> str:
    """Return methods inside of their class, routes inside of their list, a view as a function."""
    tree = ast.parse(text)
    first = tree.body[0]
    if isinstance(first, ast.FunctionDef) and ast.unparse(first.args).startswith("self"):
        return f"class Adapter(Adapter):\n{textwrap.indent(text, '    ')}"
    if text.startswith("path("):
        return f"urlpatterns = [\n{text}\n]"
    try:
        compile(tree, "block", "exec")
    except SyntaxError:  # it returns, as the view does that it is the body of
        return f"def view(request, subject):\n{textwrap.indent(text, '    ')}"
    return text


def defined_by(text: str) -> set[str]:
    """Return the names that a block defines, those of methods as ``Class.method``."""
    found: set[str] = set()
    for node in ast.parse(_whole(text)).body:
        match node:
            case ast.ClassDef():
                methods = [each.name for each in node.body if isinstance(each, ast.FunctionDef)]
                found |= {node.name, *(f"{node.name}.{method}" for method in methods)}
            case ast.FunctionDef():
                found.add(node.name)
            case ast.Assign():
                named = [each for target in node.targets for each in ast.walk(target)]
                found |= {each.id for each in named if isinstance(each, ast.Name)}
            case ast.AugAssign():
                found.add(ast.unparse(node.target))
    return found
