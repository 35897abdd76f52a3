"""Properties: any writing of the same records reads back as them; SQL and python-stdnum agree on codes."""

from __future__ import annotations

import csv
import io
import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from lvshu.catalog.pack_library import PackLibrary
from lvshu.contract.table import parse
from lvshu.core.spreadsheet import restored
from lvshu.engine.duckdb import DuckDB
from lvshu.intake.cells import uscc_sql
from lvshu.intake.text import fold
from tests.intake.conftest import Place, column, firm_contract, ledger_contract, write_pack

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
HEADINGS = {
    "loan_id": ["loan_id", "贷款编号", "LOAN ID", "Loan"],
    "month": ["month", "月份", "Month "],
    "balance": ["balance", "余额", "余额(元)", "贷款余额（元）", "Balance (CNY)"],
    "borrower": ["borrower", "借款人", "Borrower Name"],
    "paid_on": ["paid_on", "发放日期", "Paid-On"],
    "overseas": ["overseas", "是否境外", "OVERSEAS"],
}
NAMES = (
    st.text(st.sampled_from("上海绿色科技集团有限公司浦东,;|\"'（）()-ab Z9\n"), min_size=1, max_size=12)
    .map(lambda text: " ".join(text.split()))
    .filter(lambda text: text and text == text.strip())
)

RECORDS = st.lists(
    st.tuples(
        st.integers(2015, 2030),
        st.integers(1, 12),
        st.decimals(0, 10**15, places=2),
        NAMES,
        st.none() | st.dates(date(1990, 1, 1), date(2060, 12, 31)),
        st.none() | st.booleans(),
    ),
    min_size=1,
    max_size=30,
)


def _money(value: Decimal, style: int) -> str:
    plain = f"{value:.2f}"
    full = plain.translate(str.maketrans("0123456789.", "０１２３４５６７８９．"))
    return (plain, f"{value:,.2f}", full, plain.rstrip("0").rstrip(".") or "0")[style]


def _day(value: date | None, style: int) -> str:
    if value is None:
        return ("", "-", "—", "不适用")[style]
    return (
        value.isoformat(), f"{value.year}/{value.month}/{value.day}",
        f"{value.year}年{value.month}月{value.day}日", value.strftime("%Y%m%d"),
    )[style]  # fmt: skip


def _yes(value: bool | None, style: int) -> str:
    return (
        "" if value is None else (("是", "否"), ("Y", "N"), ("true", "FALSE"), ("1", "0"))[style][not value]
    )


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    records=RECORDS,
    order=st.permutations(list(HEADINGS)),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
    delimiter=st.sampled_from([",", "\t", ";", "|"]),
    style=st.integers(0, 3),
    data=st.data(),
)
def test_any_writing_reads_back(
    records: list[tuple[int, int, Decimal, str, date | None, bool | None]],
    order: list[str],
    encoding: str,
    delimiter: str,
    style: int,
    data: st.DataObject,
) -> None:
    chosen = {name: data.draw(st.sampled_from(words)) for name, words in HEADINGS.items()}
    buffer = io.StringIO()
    writer = csv.writer(
        buffer, delimiter=delimiter, lineterminator=data.draw(st.sampled_from(["\n", "\r\n"]))
    )
    writer.writerow([chosen[name] for name in order])
    for number, (year, month, balance, name, day, abroad) in enumerate(records):
        cells = {
            "loan_id": f"L{number}",
            "month": (f"{year}-{month:02d}", f"{year}/{month}", f"{year}年{month}月", f"{year}{month:02d}")[
                style
            ],
            "balance": _money(balance, style),
            "borrower": name,
            "paid_on": _day(day, style),
            "overseas": _yes(abroad, style),
        }
        writer.writerow([cells[name] for name in order])
    with tempfile.TemporaryDirectory() as folder, DuckDB() as engine:
        inputs, packs = Path(folder) / "inputs", Path(folder) / "packs"
        inputs.mkdir()
        write_pack(packs, "gbt4754_2017", ["code"], [["0111"]])
        place = Place(inputs, engine, PackLibrary.load(packs), {"ledger": ledger_contract()})
        place.put("ledger.csv", buffer.getvalue(), encoding)
        report = place.load()
        assert report.table("ledger").rows_quarantined == 0, place.refused()
        expected = [
            (
                f"L{n}",
                f"{year}-{month:02d}",
                balance,
                restored(name.replace("（", "(").replace("）", ")")).strip(),
                day,
                abroad,
                n + 2,
            )
            for n, (year, month, balance, name, day, abroad) in enumerate(records)
        ]
        assert place.rows("loan_id, month, balance, borrower, paid_on, overseas, source_row") == expected


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    texts=st.lists(
        st.text(st.sampled_from("'=+-@＝－05.,e%aX 绿"), min_size=1, max_size=7)
        .map(lambda text: " ".join(fold(text).split()))
        .filter(bool),
        min_size=1,
        max_size=40,
    )
)
def test_the_mark_before_formulas_is_taken_off_in_sql_as_in_python(texts: list[str]) -> None:
    buffer = io.StringIO()
    csv.writer(buffer).writerows([("loan_id", "month", "balance", "borrower")])
    csv.writer(buffer).writerows((f"L{n}", "2025-01", "1", text) for n, text in enumerate(texts))
    with tempfile.TemporaryDirectory() as folder, DuckDB() as engine:
        inputs, packs = Path(folder) / "inputs", Path(folder) / "packs"
        inputs.mkdir()
        write_pack(packs, "gbt4754_2017", ["code"], [["0111"]])
        place = Place(inputs, engine, PackLibrary.load(packs), {"ledger": ledger_contract()})
        place.put("ledger.csv", buffer.getvalue())
        place.load()
        assert [text for (text,) in place.rows("borrower")] == [restored(text).strip() for text in texts]


DIRTY = st.text(st.sampled_from("0123456789-/.年月日%万xX ,是否ABC\"'中；;|\n"), max_size=9)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=st.lists(st.lists(DIRTY, min_size=1, max_size=9), max_size=20), header=st.booleans())
def test_no_row_is_ever_lost(rows: list[list[str]], header: bool) -> None:
    """Whatever stands in the cells: rows read = rows kept + rows quarantined, or the file is refused."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    if header:
        writer.writerow(
            ["loan_id", "month", "balance", "paid_on", "overseas", "rate", "staff", "tonnes", "industry"]
        )
    writer.writerows(rows)
    with tempfile.TemporaryDirectory() as folder, DuckDB() as engine:
        inputs, packs = Path(folder) / "inputs", Path(folder) / "packs"
        inputs.mkdir()
        write_pack(packs, "gbt4754_2017", ["code"], [["0111"]])
        place = Place(inputs, engine, PackLibrary.load(packs), {"ledger": ledger_contract()})
        place.put("ledger.csv", buffer.getvalue())
        report = place.load()
        (file,) = report.table("ledger").files or (None,)
        if header and file is not None:
            assert file.rows_read + file.rows_skipped == len(rows)
        else:
            assert any(one.severity == "error" for one in report.problems)


CODES = st.one_of(
    st.text(st.sampled_from(ALPHABET), min_size=17, max_size=17),
    st.text(st.sampled_from("0123456789"), min_size=8, max_size=8).flatmap(
        lambda head: st.text(st.sampled_from(ALPHABET), min_size=9, max_size=9).map(lambda tail: head + tail)
    ),
)


@settings(max_examples=100, deadline=None)
@given(body=CODES, last=st.sampled_from(ALPHABET), right=st.booleans())
def test_the_check_in_sql_is_the_one_of_stdnum(body: str, last: str, right: bool) -> None:
    code = body + (uscc.calc_check_digit(body) if right else last)
    with DuckDB() as engine:
        ours = engine.execute(f"SELECT {uscc_sql('t')} FROM (SELECT '{code}' AS t)")[0][0]
    theirs = uscc.is_valid(code)
    if code[0] in "ANY" and code[1:8].isdigit():
        theirs = uscc.calc_check_digit(code[:17]) == code[17]
    assert ours == theirs


def test_resident_ids_are_judged_by_stdnum(place: Place) -> None:
    person = parse(
        {
            "table": {
                "name": "person", "kind": "input", "zh": "人", "en": "Person", "meaning_zh": "人",
                "meaning_en": "person", "key": ["id"],
            },
            "column": [column("id", "code", "证件号", "Identity", check="resident_id", required=True)],
        },
        room="test",
    )  # fmt: skip
    place.contracts = {"person": person, "firm": firm_contract()}
    body = "11010519491231002"
    good = body + ric.calc_check_digit(body + "0")
    assert ric.is_valid(good)
    place.put("person.csv", f"id\n{good}\n{body}1\n123\n")
    place.load()
    assert place.rows("id", "person") == [(good,)]
    assert [row[4] for row in place.refused()] == ["intake.resident_id", "intake.resident_id"]
