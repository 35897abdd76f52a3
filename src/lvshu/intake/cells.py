"""How a text cell becomes a typed value: one set of SQL expressions per contract type.

Every expression reads `r`, an SQL expression of the cleaned text (NULL when the cell is empty or holds
a marker of absence). Intake always runs on DuckDB, so its dialect is used freely here; but long lists are
written as CASE, not IN: DuckDB turns an IN list of six or more into a join, a tenth of a second each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

from lvshu.catalog.pack_library import PackLibrary
from lvshu.contract import Column
from lvshu.contract.table import HASH_CHECKS
from lvshu.core.han_numerals import ANY, DATE, DIGITS, NOUGHTS, STEPS
from lvshu.core.money import PLACES
from lvshu.core.spreadsheet import FORMULA_SIGNS, MARK, PLAIN_NUMBER
from lvshu.core.units import registry, unit
from lvshu.intake.pack_words import words_of
from lvshu.intake.personal import impersonal_sql, personal_code_sql, personal_key_sql, resident_sql
from lvshu.intake.text import DIGITS_LOST, fold, heading_key, literal

LOST_KEPT = "intake.digits_lost_kept"
"""Code of what is told of a code that lost digits in a column whose wrong values are no reason to refuse."""

MARKERS: Mapping[str, str] = {
    "-": "missing", "--": "missing", "—": "missing", "——": "missing", "–": "missing",
    "na": "missing", "n/a": "missing", "null": "missing", "nil": "missing", "none": "missing", "空": "missing",
    "无数据": "missing", "缺": "missing", "缺失": "missing",
    "…": "below_unit", "...": "below_unit", "……": "below_unit", "......": "below_unit",
    "/": "not_applicable", "不适用": "not_applicable", "not applicable": "not_applicable",
    "x": "suppressed", "xx": "suppressed", "xxx": "suppressed", "*": "suppressed", "**": "suppressed",
    "***": "suppressed", "保密": "suppressed", "suppressed": "suppressed", "confidential": "suppressed",
}  # fmt: skip
"""Spellings of absence in other than text columns. A blank cell is missing too; "0" is a zero.
"…" in Chinese yearbooks means: less than the smallest unit shown."""

TRUE = ("true", "t", "yes", "y", "1", "是", "√", "对", "有")
FALSE = ("false", "f", "no", "n", "0", "否", "×", "错", "无")
_WHOLE_DIGITS = 18
_PLAIN = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
_PERCENT = r"[+-]?(\d+\.?\d*|\.\d+)%"
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


@dataclass(frozen=True)
class CellSql:
    """The expressions of one column: its value, the code of its fault, and of what is to be noted.

    quick: an intermediate expression over `r`, available to the others as `q`.
    parsed: one over `r` and `q`, available to the others as `v`.
    value: over `r` and `v`. fault: over `r`, `v` and `t` (the value); NULL when r is NULL or all is well.
    note: over `r`, `v`, `t`: the code of something told but not refused.
    """

    value: str
    fault: str
    quick: str = "NULL"
    parsed: str = "NULL"
    note: str = "NULL"


def missing_status(r: str, *, of_code: bool = False) -> str:
    """Return the SQL of the status that a marker of absence stands for; NULL for any other text.

    A code may well be "x" or "na": in a code column only signs and Chinese words are markers.
    """
    pairs = {fold(marker).casefold(): status for marker, status in MARKERS.items()}
    if of_code:
        pairs = {
            marker: status for marker, status in pairs.items() if not (marker.isascii() and marker.isalpha())
        }
    firsts = "".join(sorted({marker[0] for marker in pairs} | {marker[0].upper() for marker in pairs}))
    return f"CASE WHEN {begins(r, firsts)} THEN {_cases(pairs, f'lower({r})')} END"


def begins(r: str, firsts: str) -> str:
    """Return the SQL of whether a text begins with one of some characters: the quick test before long ones."""
    return f"strpos({literal(firsts)}, substr({r}, 1, 1)) > 0 AND {r} <> ''"


@dataclass(frozen=True)
class Names:
    """SQL names of a column's text, quick number, intermediate value and typed value."""

    r: str
    q: str
    v: str
    t: str


def cell_sql(column: Column, names: Names, *, times: Decimal = Decimal(1)) -> CellSql:
    """Return the SQL that types one column.

    Args:
        column: the contract's column.
        names: SQL names of its expressions.
        times: factor from the file's unit to the contract's.
    """
    r, v, t = names.r, names.v, names.t
    if column.type in ("money", "quantity"):
        return _decimal(column, names, times)
    if column.type == "ratio":
        return _ratio(column, r, t, times)
    if column.type == "integer":
        return _integer(names)
    if column.type == "date":
        return _date(r, v, t)
    if column.type == "month":
        return _month(r, v, t)
    if column.type == "year":
        value = f"TRY_CAST(regexp_extract({r}, '^([12]\\d{{3}})(\\.0+)?(年|年度)?$', 1) AS INTEGER)"
        return CellSql(value, f"CASE WHEN {r} IS NOT NULL AND {t} IS NULL THEN 'intake.not_a_year' END")
    if column.type == "boolean":
        return _boolean(r, t)
    return _text(column, r, t)


def _quick_number(r: str) -> str:
    """SQL of a plain number of at most 12 digits and 6 decimals as DECIMAL(18,6), else NULL.

    A cast of text to a decimal of more than 18 digits takes a hundred times longer.
    """
    short = f"(strpos({r}, '.') = 0 OR length({r}) - strpos({r}, '.') <= 6)"
    plain = f"NOT contains({r}, 'e') AND NOT contains({r}, 'E') AND NOT contains({r}, '_')"
    return f"CASE WHEN {short} AND {plain} THEN TRY_CAST({r} AS DECIMAL(18,6)) END"


def _number(r: str, q: str) -> str:
    """SQL of a text as DECIMAL(38,12): the quick number, else with separators and typographic minus."""
    tidy = f"regexp_replace(translate({r}, '−–¥￥', '--'), '^([+-]?)CNY ?', '\\1')"
    commas = f"regexp_full_match({tidy}, '[+-]?\\d{{1,3}}(,\\d{{3}})+(\\.\\d*)?')"
    spaces = f"regexp_full_match({tidy}, '[+-]?\\d{{1,3}}( \\d{{3}})+(\\.\\d*)?')"
    grouped = f"CASE WHEN {commas} THEN replace({tidy}, ',', '') WHEN {spaces} THEN replace({tidy}, ' ', '') "
    slow = f"TRY_CAST({grouped} WHEN regexp_full_match({tidy}, '{_PLAIN}') THEN {tidy} END AS DECIMAL(38,12))"
    return f"CASE WHEN {q} IS NOT NULL THEN CAST({q} AS DECIMAL(38,12)) WHEN {r} IS NOT NULL THEN {slow} END"


def _number_fault(r: str, t: str) -> str:
    digits = (
        f"regexp_full_match(translate({r}, '−–', '--'), '{_PLAIN}|[+-]?\\d{{1,3}}([, ]\\d{{3}})+(\\.\\d*)?')"
    )
    return (
        f"CASE WHEN {r} IS NULL OR {t} IS NOT NULL THEN NULL "
        f"WHEN {digits} THEN 'intake.number_too_large' "
        f"WHEN regexp_full_match({r}, '.*\\d ?%') THEN 'intake.percent' "
        f"WHEN regexp_matches({r}, '^[+-]?[\\d,.]+ ?[^\\d,.% ]{{1,8}}$') THEN 'intake.number_with_unit' "
        "ELSE 'intake.not_a_number' END"
    )


def _decimal(column: Column, names: Names, times: Decimal) -> CellSql:
    r, q, v, t = names.r, names.q, names.v, names.t
    width, places = column.sql_type, PLACES[column.type]
    if times != 1:
        scaled, limit = _scaled(v, times, places)
        value = f"CASE WHEN abs({v}) < {limit} THEN CAST({scaled} AS {width}) END"
        return CellSql(value, _number_fault(r, t), _quick_number(r), _number(r, q))
    near = f"CAST({q} AS DECIMAL({12 + places},{places}))"
    value = (
        f"CASE WHEN {q} IS NOT NULL THEN CAST({near} AS {width}) "
        f"WHEN abs({v}) < {10**_WHOLE_DIGITS} THEN CAST({v} AS {width}) END"
    )
    note = (
        f"CASE WHEN {q} IS NOT NULL THEN CASE WHEN CAST({near} AS DECIMAL(18,6)) <> {q} THEN 'intake.rounded' END "
        f"WHEN {t} IS NOT NULL AND CAST({t} AS DECIMAL(38,12)) <> {v} THEN 'intake.rounded' END"
    )
    return CellSql(value, _number_fault(r, t), _quick_number(r), _number(r, q), note)


def _scaled(v: str, times: Decimal, places: int) -> tuple[str, int]:
    """SQL of a number times the factor between units, and the size below which it fits.

    The product is exact when the factor has at most nine decimals (all factors between powers of ten); else
    it is computed in double precision and rounded half away from zero.
    """
    parts = times.normalize().as_tuple()
    exponent = int(parts.exponent)
    decimals = max(0, -exponent)
    largest = Decimal(10) ** _WHOLE_DIGITS
    if decimals <= 9:
        digits = max(len(parts.digits) + max(0, exponent), decimals + 1)
        limit = largest / times if times > 1 else largest.scaleb(-decimals)
        return f"{v} * CAST({literal(f'{times:f}')} AS DECIMAL({digits},{decimals}))", int(limit)
    steps = f"floor(abs(CAST({v} AS DOUBLE) * {times:.17g}::DOUBLE) * 1e{places}::DOUBLE + 0.5)"
    step = f"CAST('{Decimal(1).scaleb(-places):f}' AS DECIMAL({places + 1},{places}))"
    scaled = f"CAST(sign({v}) AS DECIMAL(1,0)) * CAST({steps} AS DECIMAL(24,0)) * {step}"
    return scaled, int(min(largest, largest / times) / 100)


def _ratio(column: Column, r: str, t: str, times: Decimal) -> CellSql:
    dimensionless = not column.unit.startswith("column:") and unit(column.unit).dimension == "one"
    number = f"replace(translate({r}, '−–', '--'), ',', '')"
    scaled = f"TRY_CAST({number} AS DOUBLE) * {times:.17g}::DOUBLE"
    plain = f"CASE WHEN regexp_full_match({number}, '{_PLAIN}') THEN {scaled}"
    percent = ""
    if dimensionless:
        own = Decimal("0.01") / unit(column.unit).factor
        percent = (
            f" WHEN regexp_full_match({number}, '{_PERCENT}') "
            f"THEN TRY_CAST(replace({number}, '%', '') AS DOUBLE) * {own:.17g}::DOUBLE"
        )
    return CellSql(f"{plain}{percent} END", _number_fault(r, t))


def _integer(names: Names) -> CellSql:
    r, q, v, t = names.r, names.q, names.v, names.t
    value = f"CASE WHEN {v} = round({v}, 0) AND abs({v}) < {10**_WHOLE_DIGITS} THEN CAST({v} AS BIGINT) END"
    fault = f"CASE WHEN {r} IS NOT NULL AND {v} <> round({v}, 0) THEN 'intake.not_whole' ELSE {_number_fault(r, t)} END"
    return CellSql(value, fault, _quick_number(r), _number(r, q))


def _day_text(r: str) -> str:
    """SQL of a text with a full date as YYYY-M-D; NULL when it holds none."""
    clock = r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
    spelled = r"^(\d{4})(?:-|/|\.|年)(\d{1,2})(?:-|/|\.|月)(\d{1,2})[日号]?" + clock + "$"
    compact = r"^([12]\d{3})(\d{2})(\d{2})$"
    tight = f"replace({r}, ' 年', '年')"
    return (
        f"CASE WHEN regexp_matches({r}, '{spelled}') THEN regexp_replace({r}, '{spelled}', '\\1-\\2-\\3') "
        f"WHEN regexp_matches({r}, '{compact}') THEN regexp_replace({r}, '{compact}', '\\1-\\2-\\3') "
        f"WHEN regexp_matches(replace({tight}, ' ', ''), '^\\d{{4}}年\\d{{1,2}}月\\d{{1,2}}[日号]$') "
        f"THEN regexp_replace(replace({tight}, ' ', ''), '{spelled}', '\\1-\\2-\\3') END"
    )


_SERIAL = r"^[1-9]\d{4}$"


def _date(r: str, v: str, t: str) -> CellSql:
    parsed = (
        f"CASE WHEN length({r}) = 10 AND substr({r}, 5, 1) = '-' AND substr({r}, 8, 1) = '-' "
        f"THEN TRY_CAST({r} AS DATE) ELSE TRY_CAST({_day_text(r)} AS DATE) END"
    )
    serial = f"regexp_matches({r}, '{_SERIAL}')"
    value = f"CASE WHEN {v} IS NOT NULL THEN {v} WHEN {serial} THEN DATE '1899-12-30' + TRY_CAST({r} AS INTEGER) END"
    fault = (
        f"CASE WHEN {r} IS NULL OR {t} IS NOT NULL THEN NULL "
        f"WHEN regexp_matches({r}, '^\\d{{1,2}}[-/.]\\d{{1,2}}[-/.]\\d{{2,4}}$') THEN 'intake.date_order' "
        f"WHEN {_day_text(r)} IS NOT NULL THEN 'intake.no_such_day' ELSE 'intake.not_a_date' END"
    )
    note = (
        f"CASE WHEN {v} IS NULL AND {serial} THEN 'intake.excel_serial' "
        f"WHEN {t} IS NOT NULL AND strpos({r}, ':') > 0 THEN 'intake.time_dropped' END"
    )
    return CellSql(value, fault, parsed=parsed, note=note)


_ENGLISH_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def numerals_spelt(r: str, *, rest: str = "") -> str:
    """SQL of a text of a year, month or day with Chinese numerals in Arabic ones: 二〇二三年九月份 -> 2023年9月.

    Args:
        r: SQL of the text.
        rest: SQL of any other text; the text itself where none is given.
    """
    tight = f"replace({r}, ' ', '')"
    text = tight
    for pattern, told in STEPS:
        text = f"regexp_replace({text}, '{pattern}', '{told.replace('g<1>', '1')}', 'g')"
    digits = f"translate({text}, '{NOUGHTS}{DIGITS}', '{'0' * len(NOUGHTS)}123456789')"
    is_one = f"contains({r}, '年') AND regexp_matches({r}, '{ANY}') AND regexp_full_match({tight}, '{DATE}')"
    return f"CASE WHEN {is_one} THEN replace({digits}, '月份', '月') ELSE {rest or r} END"


def month_spelt(r: str, year: int | None) -> str:
    """SQL of a text of a month with rarer spellings as YYYY-MM; any other text unchanged.

    2023.6 can only be June (October loses its zero as 2023.1, which stays unread); 二〇二三年十一月, 2023年6月份;
    Dec-23, as spreadsheets show months in English, and 23-08 only where two digits are the year of the book.

    Args:
        r: SQL of the text.
        year: of the book; None where none is known.
    """
    tight = f"replace({r}, ' ', '')"
    cases = [
        (f"regexp_full_match({tight}, '[12]\\d{{3}}\\.[2-9]')", f"replace({tight}, '.', '-0')"),
        (
            f"regexp_full_match({tight}, '[12]\\d{{3}}年(0?[1-9]|1[0-2])月份')",
            f"replace({tight}, '月份', '月')",
        ),
    ]
    if year is not None:
        two = f"{year % 100:02d}"
        cases += [
            (f"lower({tight}) = '{name}-{two}'", f"'{year}-{number:02d}'")
            for number, name in enumerate(_ENGLISH_MONTHS, start=1)
        ]
        if year % 100 > len(_ENGLISH_MONTHS):
            pattern = f"{two}[-/.年](0[1-9]|1[0-2])月?"
            cases.append((f"regexp_full_match({tight}, '{pattern}')", f"'{year}-' || substr({tight}, 4, 2)"))
    listed = " ".join(f"WHEN {condition} THEN {value}" for condition, value in cases)
    other = numerals_spelt(r, rest=f"CASE {listed} ELSE {r} END")
    return f"CASE WHEN regexp_full_match({r}, '[12]\\d{{3}}-\\d{{2}}') THEN {r} ELSE {other} END"


def _month(r: str, v: str, t: str) -> CellSql:
    spelled = r"^([12]\d{3})(?:-|/|年|\.(?:0\d|1\d)$|)(\d{1,2})月?$"
    short = (
        f"CASE WHEN regexp_full_match({r}, '[12]\\d{{3}}-\\d{{2}}') THEN {r} || '-01' "
        f"WHEN regexp_full_match(replace({r}, ' ', ''), '[12]\\d{{3}}[-/年]\\d{{1,2}}月?') "
        f"THEN regexp_replace(replace({r}, ' ', ''), '{spelled}', '\\1-\\2') || '-01' "
        f"WHEN regexp_full_match({r}, '[12]\\d{{3}}\\.?\\d{{2}}') "
        f"THEN regexp_replace({r}, '^(\\d{{4}})\\.?(\\d{{2}})$', '\\1-\\2') || '-01' END"
    )
    serial = (
        f"CASE WHEN regexp_matches({r}, '{_SERIAL}') THEN DATE '1899-12-30' + TRY_CAST({r} AS INTEGER) END"
    )
    plain = f"CASE WHEN length({r}) = 7 AND substr({r}, 5, 1) = '-' THEN TRY_CAST({r} || '-01' AS DATE) END"
    parsed = f"COALESCE({plain}, TRY_CAST({short} AS DATE), TRY_CAST({_day_text(r)} AS DATE), {serial})"
    value = (
        f"CASE WHEN {v} IS NULL THEN NULL WHEN length({r}) = 7 AND substr({r}, 5, 1) = '-' "
        f"AND substr({r}, 6, 2) BETWEEN '01' AND '12' THEN {r} ELSE strftime({v}, '%Y-%m') END"
    )
    note = (
        f"CASE WHEN length({r}) = 7 OR {t} IS NULL THEN NULL "
        f"WHEN regexp_matches({r}, '{_SERIAL}') THEN 'intake.excel_serial' "
        f"WHEN {_day_text(r)} IS NOT NULL THEN 'intake.day_dropped' END"
    )
    return CellSql(
        value,
        f"CASE WHEN {r} IS NOT NULL AND {t} IS NULL THEN 'intake.not_a_month' END",
        parsed=parsed,
        note=note,
    )


def _boolean(r: str, t: str) -> CellSql:
    pairs = {**dict.fromkeys(TRUE, "true"), **dict.fromkeys(FALSE, "false")}
    value = f"CAST({_cases(pairs, f'lower({r})')} AS BOOLEAN)"
    return CellSql(value, f"CASE WHEN {r} IS NOT NULL AND {t} IS NULL THEN 'intake.not_a_boolean' END")


def _text(column: Column, r: str, t: str) -> CellSql:
    cell = _text_cell(column, r, t)
    if not column.wrong_kept:
        return cell
    # digits that a spreadsheet made up may pass the check of a code: they are none
    lost = f"COALESCE({digits_lost_sql(r)}, FALSE)"
    return replace(
        cell, value=f"CASE WHEN NOT {lost} THEN {cell.value} END",
        note=f"CASE WHEN {lost} THEN '{LOST_KEPT}' ELSE {cell.note} END",
    )  # fmt: skip


def digits_lost_sql(r: str) -> str:
    """SQL of whether a text is a code of which a spreadsheet kept the first digits alone: 9.14205E+17."""
    return f"({r} LIKE '%+%' AND regexp_full_match(upper({r}), {literal(DIGITS_LOST)}))"


def _text_cell(column: Column, r: str, t: str) -> CellSql:
    if column.allowed:
        value = _listed(column, r)
        return CellSql(value, f"CASE WHEN {r} IS NOT NULL AND {t} IS NULL THEN 'intake.not_allowed' END")
    if column.check == "uscc":
        wrong = f"WHEN {t} IS NOT NULL AND NOT {uscc_sql(t)} THEN 'intake.uscc'"
        return CellSql(
            f"upper(replace({r}, ' ', ''))",
            f"CASE {wrong} WHEN {resident_sql(t)} THEN 'intake.person_as_uscc' END",
        )
    if column.check == "impersonal":
        return _impersonal(column, r)
    if column.name == "uscc":
        return CellSql(_code_as_given(r), "NULL")
    if column.check == "resident_id":
        return CellSql(f"upper(replace({r}, ' ', ''))", "NULL")
    if column.check in HASH_CHECKS:
        digits = column.check.removeprefix("hash")
        fault = (
            f"CASE WHEN NOT regexp_full_match({t}, '[0-9a-f]{{{digits}}}') THEN 'intake.{column.check}' END"
        )
        return CellSql(f"lower({r})", fault)
    if column.check == "unit":
        return CellSql(
            _unit_symbol(r), f"CASE WHEN {r} IS NOT NULL AND {t} IS NULL THEN 'intake.unknown_unit' END"
        )
    if column.words:
        return CellSql(f"COALESCE({_cases(_words(column.words), f'lower({r})')}, {r})", "NULL")
    return CellSql(_restored(r), "NULL")


def _code_as_given(r: str) -> str:
    code = f"upper(replace({r}, ' ', ''))"
    return f"CASE WHEN regexp_full_match({code}, '[0-9A-Z]{{18}}') THEN {code} ELSE {r} END"


def _impersonal(column: Column, r: str) -> CellSql:
    """Return the SQL of a cell without identity and mobile numbers: a code goes as a whole, of a text the number."""
    told = "'intake.person_in_clear'"
    if column.required and column.type == "code":
        personal = personal_key_sql(f"upper({r})")
        return CellSql(r, f"CASE WHEN {personal} THEN 'intake.person_as_key' END")
    if column.type == "code":
        code = f"upper(replace(replace({r}, ' ', ''), '-', ''))"
        personal = personal_code_sql(code, uscc_sql(code))
        kept = _code_as_given(r) if column.name == "uscc" else r
        return CellSql(
            f"CASE WHEN NOT {personal} THEN {kept} END", "NULL", note=f"CASE WHEN {personal} THEN {told} END"
        )
    kept = impersonal_sql(_restored(r))
    return CellSql(kept, "NULL", note=f"CASE WHEN {kept} <> {_restored(r)} THEN {told} END")


def _restored(r: str) -> str:
    """SQL of a text without the mark that keeps spreadsheet programs from running it: lvshu.core.spreadsheet.restored.

    A mark before a sign alone or before a plain number was not put there by us, and stays.
    """
    rest = f"ltrim(substr({r}, 2))"
    marked = f"{begins(r, MARK)} AND {begins(rest, ''.join(FORMULA_SIGNS))}"
    plain = f"length({rest}) = 1 OR regexp_full_match({rest}, {literal(PLAIN_NUMBER)})"
    return f"CASE WHEN {marked} AND NOT ({plain}) THEN {rest} ELSE {r} END"


@cache
def _words(pack: str) -> Mapping[str, str]:
    """Return the code that each name of a pack's rows means; a name that two rows bear means neither."""
    library = PackLibrary.load()[pack]
    return words_of(library.rows, library.card.key[0])


def _cases(pairs: Mapping[str, str], subject: str) -> str:
    cases = " ".join(f"WHEN {literal(key)} THEN {literal(value)}" for key, value in pairs.items())
    return f"CASE {subject} {cases} END" if cases else "NULL"


def allowed_words(column: Column) -> dict[str, str]:
    """Return the allowed value that each word means, as compared: values, labels in zh and en, further words."""
    pairs: dict[str, str] = {}
    for labels in (column.allowed, column.allowed_zh, column.allowed_en):
        for label, value in zip(labels, column.allowed, strict=False):
            pairs.setdefault(fold(label).casefold(), value)
            pairs.setdefault(heading_key(label), value)
    for pair in column.allowed_words:
        word, _, value = pair.partition("=")
        pairs.setdefault(fold(word).casefold(), value)
        pairs.setdefault(heading_key(word), value)
    return pairs


def _listed(column: Column, r: str) -> str:
    """SQL of the allowed value that a text means."""
    pairs = allowed_words(column)
    return f"COALESCE({_cases(pairs, f'lower({r})')}, {_cases(pairs, f'''lower(replace({r}, ' ', ''))''')})"


def decided_sql(column: Column, by: Column, text: str) -> str:
    """Return the SQL of the value that a text of another column decides; NULL where it decides none.

    Args:
        column: the column that is decided, with its pairs.
        by: the column that decides, one of listed values.
        text: SQL of its text, cleaned.
    """
    return _cases(dict(pair.split("=", 1) for pair in column.decided), _listed(by, text))


def _unit_symbol(r: str) -> str:
    pairs: dict[str, str] = {}
    for symbol, one in registry().items():
        for word in (symbol, one.zh, one.en, *one.aliases):
            pairs.setdefault(fold(word).lower().replace(" ", "").replace("·", ""), symbol)
    return _cases(pairs, f"lower(replace(replace({r}, ' ', ''), '·', ''))")


def uscc_sql(t: str) -> str:
    """Return the SQL of whether a text is a valid USCC: shape, alphabet and check digit (GB 32100-2015).

    The first character may be a letter for the army (A), agriculture (N: rural collectives) and others (Y)."""
    digits = [f"(strpos('{_ALPHABET}', substr({t}, {place}, 1)) - 1)" for place in range(1, 19)]
    total = " + ".join(f"{weight} * {digit}" for weight, digit in zip(_WEIGHTS, digits, strict=False))
    return (
        f"(regexp_full_match({t}, '[0-9ANY][0-9]{{7}}[{_ALPHABET}]{{10}}') "
        f"AND {digits[17]} = (31 - ({total}) % 31) % 31)"
    )
