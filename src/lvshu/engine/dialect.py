"""One SQL text, two engines: parsing, our macros, the list of banned constructs, translation.

Macros, expanded to the same arithmetic on both engines:
  ratio(a, b)       a / b in double precision, NULL where b is 0 or NULL
  as_quantity(x)    a double as DECIMAL(24,6), rounded half away from zero
  as_money(x)       a double as DECIMAL(20,2), rounded half away from zero
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, cast

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

from lvshu.core.errors import EngineError, Problem

_APPROXIMATE = (exp.ApproxDistinct, exp.ApproxQuantile)
_WHOLE = {exp.DataType.Type.INT, exp.DataType.Type.BIGINT, exp.DataType.Type.SMALLINT}
_NAMES_BANNED = {
    "quantile": "percentile",
    "quantile_cont": "percentile",
    "quantile_disc": "percentile",
    "percentile_cont": "percentile",
    "percentile_disc": "percentile",
    "median": "percentile",
    "last_day": "last_day",
    "random": "random",
    "rand": "random",
    "any_value": "unordered_value",
    "first": "unordered_value",
    "last": "unordered_value",
    "arbitrary": "unordered_value",
    "now": "clock",
    "today": "clock",
}


def parse(text: str) -> exp.Expression:
    """Return the syntax tree of one SELECT in DuckDB's dialect.

    Raises:
        EngineError: the text is not one valid SELECT.
    """
    try:
        statements = [one for one in sqlglot.parse(text, read="duckdb") if one is not None]
    except sqlglot.errors.SqlglotError as error:
        raise EngineError(Problem("engine.syntax", values={"reason": str(error), "sql": text})) from error
    tree = statements[0] if len(statements) == 1 else None
    if not isinstance(tree, exp.Expression) or not isinstance(tree, exp.Query):
        raise EngineError(Problem("engine.one_select", values={"sql": text}))
    return tree


def lint(tree: exp.Expression) -> list[Problem]:
    """Return a problem for each construct whose result could differ between runs or engines."""
    found: list[str] = []
    for node in tree.walk():
        banned = _banned(node)
        if banned:
            found.append(banned)
    return [
        Problem(f"engine.banned.{reason}", values={"times": found.count(reason)})
        for reason in sorted(set(found))
    ]


def _banned(node: Any) -> str | None:
    if isinstance(node, exp.Star) and isinstance(node.parent, (exp.Select, exp.Column)):
        return "select_star"
    if isinstance(node, exp.Div) and not isinstance(node, exp.IntDiv):
        return "bare_division"
    if isinstance(node, (exp.Sum, exp.Avg)):
        return _banned_total(node)
    if isinstance(node, _APPROXIMATE):
        return "approximate"
    if isinstance(node, exp.SetOperation) and _unions_bare_totals(node):
        return "union_of_totals"
    if isinstance(node, (exp.PercentileCont, exp.PercentileDisc, exp.Quantile, exp.Median)):
        return "percentile"
    if isinstance(node, (exp.Cast, exp.TryCast)) and _casts_to_whole(node):
        return "float_to_integer"
    if isinstance(node, exp.Trim):
        return "trim"
    if isinstance(node, (exp.AnyValue, exp.First, exp.Last)):
        return "unordered_value"
    if isinstance(node, exp.Limit) and not _ordered(node):
        return "unordered_limit"
    if isinstance(node, (exp.CurrentDate, exp.CurrentTimestamp, exp.Rand)):
        return "clock"
    if isinstance(node, exp.LastDay):
        return "last_day"
    if isinstance(node, exp.Pivot):
        return "pivot"
    if isinstance(node, exp.Join) and (node.args.get("method") or "").upper() == "ASOF":
        return "asof"
    if isinstance(node, (exp.IgnoreNulls, exp.RespectNulls)):
        return "ignore_nulls"
    if isinstance(node, exp.Anonymous):
        return _NAMES_BANNED.get(node.name.lower())
    return None


def _banned_total(node: exp.Expression) -> str | None:
    """An average is banned, and a sum over what is plainly a double. Sums over columns that turn out to be
    doubles are found by `double_totals`, which knows the columns' types."""
    if isinstance(node, exp.Avg):
        return "sum_of_double"
    stack: list[exp.Expression] = [node.this]
    while stack:
        inner = stack.pop()
        if isinstance(inner, exp.Anonymous) and inner.name.lower() in ("as_quantity", "as_money"):
            continue
        if isinstance(inner, exp.Cast):
            if inner.to.this in {exp.DataType.Type.DOUBLE, exp.DataType.Type.FLOAT}:
                return "sum_of_double"
            continue
        if isinstance(inner, exp.Anonymous) and inner.name.lower() == "ratio":
            return "sum_of_double"
        if isinstance(inner, (exp.Exp, exp.Ln, exp.Pow, exp.Sqrt)):
            return "sum_of_double"
        stack.extend(inner.iter_expressions())
    return None


def _unions_bare_totals(node: exp.SetOperation) -> bool:
    """Sums of decimals are 38 wide; where two of different scale are united, one engine drops digits."""
    sides = [side for side in (node.left, node.right) if isinstance(side, exp.Select)]
    return any(isinstance(column.unalias(), exp.Sum) for side in sides for column in side.expressions)


def double_totals(text: str, schema: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Return the sums of a query that run over doubles, given the types of the tables it reads.

    Args:
        text: one SELECT in DuckDB's dialect.
        schema: table -> column -> SQL type.
    """
    bare = parse(text).transform(
        lambda node: exp.Literal.string("2000-01-01") if isinstance(node, exp.Placeholder) else node
    )
    typed = annotate_types(
        qualify(
            expand(bare),
            schema={table: dict(columns) for table, columns in schema.items()},
            dialect="duckdb",
            quote_identifiers=False,
            validate_qualify_columns=False,
        ),
        schema={table: dict(columns) for table, columns in schema.items()},
        dialect="duckdb",
    )
    return [node.sql("duckdb") for node in typed.find_all(exp.Sum) if _reaches_a_double(node.this)]


def _reaches_a_double(node: exp.Expression) -> bool:
    """Return whether a value depends on a double that no cast has made exact on the way."""
    floating = (exp.DataType.Type.DOUBLE, exp.DataType.Type.FLOAT)
    if isinstance(node, exp.Cast):
        return node.to.this in floating
    if isinstance(node, exp.Case):
        parts = [branch.args["true"] for branch in node.args["ifs"]] + [node.args.get("default")]
        return any(_reaches_a_double(part) for part in parts if part is not None)
    if isinstance(node, exp.Column):
        return bool(node.is_type(*floating))
    return any(_reaches_a_double(part) for part in node.iter_expressions())


def _casts_to_whole(node: exp.Cast | exp.TryCast) -> bool:
    if node.to.this not in _WHOLE:
        return False
    inner = node.this
    safe = (
        exp.Floor,
        exp.Ceil,
        exp.Round,
        exp.Count,
        exp.Literal,
        exp.Column,
        exp.Substring,
        exp.Placeholder,
    )
    return not isinstance(inner, safe) and bool(list(inner.find_all(exp.Div, exp.Mul)))


def _ordered(node: exp.Limit) -> bool:
    parent = node.parent
    return parent is not None and parent.args.get("order") is not None


def bind(tree: exp.Expression, parameters: Mapping[str, object]) -> exp.Expression:
    """Return the tree with its `:name` parameters replaced by literals.

    Raises:
        EngineError: a parameter of the query was not given.
    """
    missing: list[str] = []

    def replace(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.Placeholder) and node.name:
            if node.name not in parameters:
                missing.append(node.name)
                return node
            return literal(parameters[node.name])
        return node

    bound = tree.transform(replace)
    if missing:
        raise EngineError(
            Problem("engine.parameter", values={"names": sorted(set(missing)), "given": sorted(parameters)})
        )
    return bound


def literal(value: object) -> exp.Expression:
    """Return a value as a literal of SQL.

    Raises:
        EngineError: there is no exact literal for a value of this type.
    """
    if value is None:
        return exp.Null()
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, (int, Decimal)):
        return exp.Literal.number(str(value))
    if isinstance(value, float):
        return exp.cast(exp.Literal.string(repr(value)), "DOUBLE")
    if isinstance(value, date):
        return exp.cast(exp.Literal.string(value.isoformat()), "DATE")
    if isinstance(value, str):
        return exp.Literal.string(value)
    raise EngineError(Problem("engine.literal", values={"type": type(value).__name__}))


def _double(node: exp.Expression) -> exp.Expression:
    return exp.cast(node.copy(), "DOUBLE")


def _ratio(arguments: list[exp.Expression]) -> exp.Expression:
    numerator, denominator = arguments
    zero = exp.cast(exp.Literal.number("0"), "DOUBLE")
    return exp.Paren(
        this=exp.Div(
            this=_double(numerator),
            expression=exp.Nullif(this=_double(denominator), expression=zero),
            typed=False,
            safe=False,
        )
    )


def _exact(arguments: list[exp.Expression], places: int, width: int) -> exp.Expression:
    """x to DECIMAL, ties away from zero. Whole part and fraction are whole doubles below 2^53, which both
    engines cast alike; a direct cast of a double would go through its text on one engine and not the other."""
    size = exp.Abs(this=_double(arguments[0]))
    whole = exp.Floor(this=size)
    scale = exp.cast(exp.Literal.number(str(10**places)), "DOUBLE")
    half = exp.cast(exp.Literal.string("0.5"), "DOUBLE")
    fraction = exp.Paren(this=exp.Sub(this=size.copy(), expression=whole.copy()))
    parts = exp.Floor(this=exp.Add(this=exp.Mul(this=fraction, expression=scale), expression=half))
    step = exp.cast(exp.Literal.string(str(Decimal(1).scaleb(-places))), f"DECIMAL({places + 1},{places})")
    kind = f"DECIMAL({width},{places})"
    amount = exp.Add(
        this=exp.cast(exp.cast(whole, f"DECIMAL({width - places},0)"), kind),
        expression=exp.cast(exp.Mul(this=exp.cast(parts, f"DECIMAL({places + 1},0)"), expression=step), kind),
    )
    negative = exp.LT(this=_double(arguments[0]), expression=exp.cast(exp.Literal.number("0"), "DOUBLE"))
    signed = exp.Case(
        ifs=[exp.If(this=negative, true=exp.Neg(this=exp.Paren(this=amount.copy())))], default=amount
    )
    return exp.cast(signed, kind)


_MACROS: dict[str, tuple[int, Callable[[list[exp.Expression]], exp.Expression]]] = {
    "ratio": (2, _ratio),
    "as_quantity": (1, lambda arguments: _exact(arguments, 6, 24)),
    "as_money": (1, lambda arguments: _exact(arguments, 2, 20)),
}


def expand(tree: exp.Expression, *, in_place: bool = False) -> exp.Expression:
    """Return the tree with our macros written out; with `in_place` the tree given is changed itself.

    Raises:
        EngineError: a macro has the wrong number of arguments.
    """

    def replace(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.Anonymous) and node.name.lower() in _MACROS:
            count, build = _MACROS[node.name.lower()]
            if len(node.expressions) != count:
                raise EngineError(Problem("engine.macro", values={"macro": node.name, "arguments": count}))
            return build([expand(argument) for argument in node.expressions])
        return node

    return tree.transform(replace, copy=not in_place)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Let Python not look for garbage meanwhile: a syntax tree is many small objects, and all of them are in use."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@lru_cache(maxsize=256)
def prepared(text: str) -> exp.Expression:
    """Return a query's tree, parsed and linted.

    Raises:
        EngineError: invalid SQL, or a banned construct.
    """
    tree = parse(text)
    problems = lint(tree)
    if problems:
        raise EngineError(*(Problem(one.code, one.where, {**one.values, "sql": text}) for one in problems))
    return tree


def render(text: str, parameters: Mapping[str, object], dialect: str) -> str:
    """Return the SQL text for an engine ("duckdb" or "spark"), parameters bound and macros expanded.

    Raises:
        EngineError: invalid SQL, a banned construct, a missing parameter, or no translation.
    """
    typed = tuple((name, type(value).__name__, value) for name, value in sorted(parameters.items()))
    return _rendered(text, typed, dialect)


@lru_cache(maxsize=512)
def _rendered(text: str, parameters: tuple[tuple[str, str, object], ...], dialect: str) -> str:
    try:
        with _collector_paused():
            tree = expand(bind(prepared(text), {name: value for name, _, value in parameters}), in_place=True)
            return tree.sql(dialect=dialect, unsupported_level=sqlglot.ErrorLevel.RAISE, pretty=True)
    except sqlglot.errors.UnsupportedError as error:
        raise EngineError(
            Problem("engine.untranslatable", values={"engine": dialect, "reason": str(error), "sql": text})
        ) from error


def columns_made(text: str) -> tuple[str, ...]:
    """Return the names of a query's columns, in order. A column without a name of its own has an empty one.

    Raises:
        EngineError: invalid SQL.
    """
    return tuple(cast(exp.Query, prepared(text)).named_selects)


def tables_read(text: str) -> tuple[str, ...]:
    """Return the tables that a query reads, without its own steps.

    Raises:
        EngineError: invalid SQL.
    """
    tree = prepared(text)
    own = {cte.alias_or_name for cte in tree.find_all(exp.CTE)}
    return tuple(sorted({table.name for table in tree.find_all(exp.Table)} - own))
