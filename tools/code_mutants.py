"""Python made wrong in one small place: comparisons, connectives, constants, branches, returns."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from typing import NamedTuple

_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Lt: (ast.GtE, ast.LtE),
    ast.LtE: (ast.Gt, ast.Lt),
    ast.Gt: (ast.LtE, ast.GtE),
    ast.GtE: (ast.Lt, ast.Gt),
}
_REPLACED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}


class CodeMutant(NamedTuple):
    """`line` and `text` say what was changed; `source` is the whole module."""

    line: int
    text: str
    source: str

    @property
    def name(self) -> str:
        return f"{self.line}: {self.text}"


def of(source: str) -> list[CodeMutant]:
    """Every mutant of a module, in the order of its lines; annotations are left alone."""
    return sorted(_all(source), key=lambda mutant: mutant.line)


def _all(source: str) -> Iterator[CodeMutant]:
    tree, lines = ast.parse(source), source.splitlines()
    for at, node in enumerate(ast.walk(tree)):
        if not isinstance(node, ast.expr | ast.If | ast.Return) or _typing(tree, node):
            continue
        for changed in _changed(node):
            copied = copy.deepcopy(tree)
            place = next(n for i, n in enumerate(ast.walk(copied)) if i == at)
            _put(copied, place, changed)
            before, after = _line(node), _line(changed)
            text = ast.unparse(ast.fix_missing_locations(copied))
            inside = lines[node.lineno - 1].strip()
            told = f"{before} => {after}"
            if inside != before:
                told += f" in: {inside}"
            yield CodeMutant(node.lineno, told, text)


def _line(node: ast.AST) -> str:
    return ast.unparse(node).splitlines()[0]


def _put(tree: ast.AST, place: ast.AST, changed: ast.AST) -> None:
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if value is place:
                setattr(parent, field, changed)
            elif isinstance(value, list) and any(item is place for item in value):
                setattr(parent, field, [changed if item is place else item for item in value])


def _typing(tree: ast.AST, node: ast.AST) -> bool:
    """Whether the node is part of an annotation, a decorator or a docstring."""
    for parent in ast.walk(tree):
        apart: list[ast.AST | None] = []
        if isinstance(parent, ast.arg | ast.AnnAssign):
            apart.append(parent.annotation)
        elif isinstance(parent, ast.FunctionDef):
            apart += [parent.returns, *parent.decorator_list]
        elif isinstance(parent, ast.ClassDef):
            apart += parent.decorator_list
        if any(one is not None and node in ast.walk(one) for one in apart):
            return True
    return False


def _changed(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Constant(value=bool()):
            yield ast.Constant(not node.value)
        case ast.Constant(value=int(number)):
            yield ast.Constant(number + 1)
            yield ast.Constant(number - 1)
        case ast.IfExp():
            yield ast.IfExp(node.test, node.orelse, node.body)
        case ast.If():
            yield ast.If(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
        case ast.Return(value=ast.expr() as value):
            yield ast.Return(ast.UnaryOp(ast.Not(), value))
        case _:
            yield from _operated(node)


def _operated(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(ops=[op]):
            for other in _COMPARED.get(type(op), ()):
                yield ast.Compare(node.left, [other()], node.comparators)
        case ast.BoolOp():
            other_op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            yield ast.BoolOp(other_op, node.values)
        case ast.UnaryOp(op=ast.Not()):
            yield node.operand
        case ast.BinOp() if type(node.op) in _REPLACED:
            yield ast.BinOp(node.left, _REPLACED[type(node.op)](), node.right)
