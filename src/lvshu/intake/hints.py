"""What can be said of a refused value beyond “refused”: the 2017 code of a 2011 code, a lost zero, a check digit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from stdnum.cn import ric, uscc
from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidFormat, InvalidLength, ValidationError

from lvshu.catalog.pack_library import Pack, PackLibrary, Row
from lvshu.contract import Column
from lvshu.core.units import registry
from lvshu.intake.text import NOTHING, nearest

OLD_EDITION = {"gbt4754_2017": "gbt4754_2011_map"}
_SECTION = re.compile(r"^[A-T](\d{2,4})$")
_BAD_CHARACTER = re.compile("[^0-9A-HJ-NPQRTUWXY]")

Text = Mapping[str, str]


@dataclass
class Hints:
    """Answers about refused values; packs are read when they are first needed."""

    packs: PackLibrary
    _answers: dict[tuple[str, str], tuple[str, dict[str, object]]] = field(default_factory=dict)

    def codes_of(self, column: Column) -> tuple[str, ...]:
        """Return the codes that a column may have.

        Raises:
            PackError: the pack is missing or broken.
        """
        pack_id, _, name = column.codes.partition(".")
        pack = self.packs[pack_id]
        return tuple(
            dict.fromkeys(
                str(value) for value in pack.column(name or _code_column(pack)) if value is not None
            )
        )

    def unknown_code(self, column: Column, value: str) -> tuple[str, dict[str, object]]:
        """Return (message code, values) for a code that the column's pack does not have."""
        key = (column.codes, value)
        if key not in self._answers:
            self._answers[key] = self._unknown_code(column, value)
        return self._answers[key]

    def _unknown_code(self, column: Column, value: str) -> tuple[str, dict[str, object]]:
        codes = self.codes_of(column)
        pack_id = column.codes.partition(".")[0]
        card = self.packs.card(pack_id)
        values: dict[str, object] = {"pack": pack_id, "classification": {"zh": card.zh, "en": card.en}}
        known = set(codes)
        replaced = self._old_edition.get(value) if pack_id in OLD_EDITION else None
        if replaced is not None:
            return "intake.code_2011", {**values, "new": list(replaced) or NOTHING}
        section = _SECTION.match(value)
        candidates = [section[1]] if section and section[1] in known else []
        candidates += [code for code in ("0" + value, "00" + value) if code in known]
        if candidates:
            return "intake.code_spelt", {**values, "meant": candidates[0]}
        close = [code for code in codes if len(code) == len(value) and code[:-1] == value[:-1]]
        listed = close[:6] or list(nearest(value, codes, count=3))
        return "intake.unknown_code", {**values, "nearest": listed or NOTHING}

    @cached_property
    def _old_edition(self) -> dict[str, tuple[str, ...]]:
        """The 2017 codes of each 2011 code; several when it was split, none when it ended."""
        found: dict[str, list[str]] = {}
        for row in self._edition_rows:
            new = row["code_2017"]
            found.setdefault(str(row["code_2011"]), []).extend([str(new)] if new is not None else [])
        return {code: tuple(dict.fromkeys(several)) for code, several in found.items()}

    @cached_property
    def reused_codes(self) -> list[str]:
        """The codes of both editions that mean one thing in 2011 and another in 2017."""
        reused = {str(row["code_2011"]) for row in self._edition_rows if row.get("relation") == "code_reused"}
        return sorted(reused)

    @property
    def _edition_rows(self) -> tuple[Row, ...]:
        pack_id = OLD_EDITION["gbt4754_2017"]
        return self.packs[pack_id].rows if pack_id in self.packs else ()


def _code_column(pack: Pack) -> str:
    names = [column.name for column in pack.card.columns]
    return "code" if "code" in names else pack.card.key[0]


def uscc_fault(value: str) -> Text:
    """Return in words why a text is no unified social credit code (python-stdnum judges it)."""
    try:
        uscc.validate(value)
    except InvalidLength:
        return {
            "zh": f"应为18位，这里是{len(value)}位",
            "en": f"it must have 18 characters, not {len(value)}",
        }
    except InvalidChecksum:
        right = uscc.calc_check_digit(value[:17])
        return {"zh": f"末位校验码应为“{right}”", "en": f"its check digit should be “{right}”"}
    except (InvalidFormat, InvalidComponent, ValidationError):
        wrong = sorted(set(_BAD_CHARACTER.findall(value)))
        if wrong:
            shown = " ".join(wrong)
            return {
                "zh": f"不能含有字符 {shown}（不用 I、O、S、V、Z）",
                "en": f"it cannot contain {shown} (I, O, S, V, Z are not used)",
            }
    return {
        "zh": "第1位为数字或 A、N、Y，第2至8位应为数字",
        "en": "its first character is a digit or A, N, Y, the 2nd to 8th are digits",
    }


def invalid_resident_ids(values: Iterable[str]) -> Sequence[str]:
    """Return those texts that are no resident identity numbers (python-stdnum judges them)."""
    return [value for value in values if not ric.is_valid(value)]


def close_units(value: str) -> tuple[str, ...]:
    """Return the units spelt most like a text."""
    return nearest(value, [word for one in registry().values() for word in (one.zh, one.symbol)], count=3)
