"""The records of a kind from the tables of a run: keys, sources, codes, what is compared."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lvshu.core.enterprise_name import NameWords
from lvshu.core.errors import Problem
from lvshu.engine.step import StepContext
from lvshu.linkage.enterprises import ENTERPRISE as ENTERPRISE_MODEL
from lvshu.linkage.enterprises import enterprise_variants
from lvshu.linkage.model import LinkModel
from lvshu.linkage.names.romanised import RomanWords, has_latin
from lvshu.linkage.persons import PERSON as PERSON_MODEL
from lvshu.linkage.persons import code_numbers, person_records
from lvshu.statistics.register.keys import ENTERPRISE, REGISTER, record_key, source_of
from lvshu.statistics.register.shared_code import without_shared_codes
from lvshu.statistics.register.shared_identifier import without_shared

TEXTS = (
    "uscc", "name", "former_name", "english_name", "address", "district_code", "industry_code", "representative_hash",
    "phone_hash",
)  # fmt: skip

DELIVERED = ["source", "record_id", "delivered_on"]


def latest_delivery(extract: pa.Table) -> tuple[pa.Table, list[object]]:
    """Return the latest row of each record, and the day of its first delivery, shape (records,).

    Args:
        extract: an extract in the order of source, record and day of delivery.
    """
    keys = list(zip(extract["source"].to_pylist(), extract["record_id"].to_pylist(), strict=True))
    days = extract["delivered_on"].to_pylist()
    last = [row for row, key in enumerate(keys) if row + 1 == len(keys) or keys[row + 1] != key]
    first = [row for row, key in enumerate(keys) if row == 0 or keys[row - 1] != key]
    return extract.take(pa.array(last, type=pa.int64())), [days[row] for row in first]


@dataclass(frozen=True)
class Records:
    """Records of one kind. key, source: by record; code: number of its valid code, -1 without, shape (records,);
    codes: the valid codes themselves; since: day by record; variants: what is compared; record: record of each
    variant, shape (variants,)."""

    kind: str
    model: LinkModel
    key: list[str]
    code: np.ndarray
    codes: list[str | None]
    since: list[object]
    variants: pa.Table
    record: np.ndarray
    source: list[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "source", [source_of(key) for key in self.key])


def enterprise_records(context: StepContext) -> Records:
    """Return the records on enterprises: the table of enterprises and the extracts."""
    listed = context.read("enterprise", order=["uscc"])
    extract, first = latest_delivery(context.read("enterprise_extract", order=DELIVERED))
    columns: dict[str, list[str | None]] = {}
    for name in TEXTS:
        own = listed[name].to_pylist() if name in listed.column_names else [None] * listed.num_rows
        columns[name] = own + extract[name].to_pylist()
    columns["registered_on"] = (
        pc.cast(listed["registered_on"], pa.string()).to_pylist()
        + pc.cast(extract["registered_on"], pa.string()).to_pylist()
    )
    keys = [record_key(REGISTER, one) for one in listed["uscc"].to_pylist()]
    keys += [
        record_key(source, record)
        for source, record in zip(
            extract["source"].to_pylist(), extract["record_id"].to_pylist(), strict=True
        )
    ]
    parts = context.packs["name_parts"].rows
    words = NameWords.of(parts, context.packs["traditional_characters"].rows)
    latin = any(map(has_latin, (columns["name"], columns["former_name"], columns["english_name"])))
    roman = RomanWords.of(words, parts, context.packs["areas"].rows) if latin else None
    made = without_shared_codes(context, enterprise_variants(columns, words, roman), listed.num_rows)
    _tell_codes(context, made.rejected, keys)
    _tell_latin(context, made.table, made.record, keys)
    _tell_bare(context, made.table, made.record, keys)
    year_end = np.datetime64(f"{context.settings.year}-12-31").item()
    since: list[object] = [year_end] * listed.num_rows + first
    return Records(
        ENTERPRISE,
        ENTERPRISE_MODEL,
        keys,
        code_numbers(made.code),
        list(made.code),
        since,
        made.table,
        made.record,
    )


def _tell_codes(context: StepContext, rejected: dict[int, str] | object, keys: list[str]) -> None:
    if isinstance(rejected, dict) and rejected:
        first = next(iter(rejected))
        values = {"records": len(rejected), "record": keys[first], "code": rejected[first]}
        context.find(
            Problem("statistics.register_wrong_code", values=values, severity="notice"),
            table="enterprise_extract", amount=float(len(rejected)), unit="1",
        )  # fmt: skip


def _tell_latin(context: StepContext, table: pa.Table, record: np.ndarray, keys: list[str]) -> None:
    """Tell how many records have a name in Latin letters alone, and of how many it is compared with Chinese ones."""
    latin = np.unique(record[np.asarray(table["latin_name"].is_valid())])
    han = np.unique(record[np.asarray(table["trade_name"].is_valid())])
    alone = np.setdiff1d(latin, han)
    if len(alone):
        spelt = np.intersect1d(alone, record[np.asarray(table["trade_pinyin"].is_valid())])
        values = {"records": len(alone), "record": keys[int(alone[0])], "spelt": len(spelt)}
        context.find(
            Problem("statistics.register_latin_only", values=values, severity="notice"),
            table="enterprise_extract", amount=float(len(alone)), unit="1",
        )  # fmt: skip


IDENTIFYING = (
    "trade_name", "latin_name", "address", "code", "representative_hash", "phone_hash", "registered_on",
)  # fmt: skip
"""What tells which unit a record is of; district, industry and form are shared by many."""


def _tell_bare(context: StepContext, table: pa.Table, record: np.ndarray, keys: list[str]) -> None:
    """Tell how many records hold nothing that could say which unit they are of: each becomes a unit of its own."""
    told = np.zeros(table.num_rows, dtype=bool)
    for name in IDENTIFYING:
        told |= np.asarray(table[name].is_valid())
    bare = np.setdiff1d(np.arange(len(keys)), record[told])
    if len(bare):
        values = {"records": len(bare), "record": keys[int(bare[0])]}
        context.find(
            Problem("statistics.register_bare", values=values, severity="warning"),
            table="enterprise_extract", amount=float(len(bare)), unit="1",
        )  # fmt: skip


def all_person_records(context: StepContext) -> Records:
    """Return the records on persons.

    Raises:
        InputError: linkage.clear_identifier.
    """
    extract, first = latest_delivery(context.read("person_extract", order=DELIVERED))
    keys = [
        record_key(source, record)
        for source, record in zip(
            extract["source"].to_pylist(), extract["record_id"].to_pylist(), strict=True
        )
    ]
    extract = without_shared(context, extract, keys)
    codes = extract["identifier_hash"].to_pylist()
    table = person_records(extract)
    return Records(
        "person", PERSON_MODEL, keys, code_numbers(codes), codes, first, table,
        np.arange(table.num_rows, dtype=np.int64),
    )  # fmt: skip
