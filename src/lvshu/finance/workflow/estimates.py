"""What the bank would estimate of a client without its form: revenue x intensity of its division; shown, not asked."""

from __future__ import annotations

from decimal import Decimal

from lvshu.core.money import half_away
from lvshu.core.units import unit
from lvshu.finance.workflow.form_write import Known
from lvshu.finance.workflow.records import client_id
from lvshu.store.book import Book

PER = Decimal(10_000)


def estimates_of(book: Book | None, language: str) -> dict[str, tuple[Known, ...]]:
    """Return the estimates by the economic method of enterprises, by client; none where there is no book.

    Args:
        book: the current book.
        language: of the units, "zh" or "en".
    """
    found: dict[str, tuple[Known, ...]] = {}
    where = "calculation = 'economic' AND subject_kind = 'entity'"
    for row in book.rows("entity_emission_estimate", where=where) if book is not None else ():
        if row["set_aside"] or row["activity"] is None or row["intensity"] is None:
            continue
        intensity = half_away(Decimal(repr(row["intensity"])) * PER, 4)
        found[client_id(row["subject_id"], None)] = (
            Known("主营业务收入（银行所知）", "Revenue known to the bank", _plain(row["activity"] / PER, 2),
                  unit("1e4 CNY").name(language)),
            Known("所属行业大类的排放强度", "Emission intensity of its division", _plain(intensity, 4),
                  unit("tCO2e/1e4 CNY").name(language)),
            Known("估算的排放（范围一与二）", "Estimated emission, scopes 1 and 2", _plain(row["emission"], 0),
                  unit("tCO2e").name(language)),
        )  # fmt: skip
    return found


def _plain(figure: Decimal, places: int) -> str:
    return f"{half_away(figure, places):,}"
