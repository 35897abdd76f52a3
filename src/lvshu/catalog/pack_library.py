"""The library of packs: official tables as data, each with issuer, clause, dates, licence and source.

A pack is a folder `<id>/` with `pack.toml` (the card) and `data.csv`. A user replaces one by a folder of
the same id, or by a pair `<id>.toml` + `<id>.csv`, in the `packs` folder of the workspace.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from lvshu.catalog.pack_card import PackCard, PackColumn, read_card
from lvshu.catalog.pack_rows import Row, Value, items_of, read_rows
from lvshu.core.errors import PackError, Problem, Where

__all__ = ["Pack", "PackCard", "PackColumn", "PackLibrary", "Row", "Value"]

PACKAGED = Path(__file__).parent / "packs"


@dataclass(frozen=True)
class Pack:
    """A pack that has been read and found whole.

    rows: one mapping per row, typed: text, code and unit are str; integer and year int; decimal Decimal;
        date datetime.date; boolean bool; a blank is None.
    sha256: of the data file; card_sha256: of the card.
    origin: "package" or "user".
    """

    card: PackCard
    rows: tuple[Row, ...]
    sha256: str
    card_sha256: str
    origin: str
    folder: Path

    def find(self, **equal: Value) -> tuple[Row, ...]:
        """Return the rows whose named columns equal the given values, in the file's order."""
        return tuple(row for row in self.rows if all(row[name] == value for name, value in equal.items()))

    def one(self, **equal: Value) -> Row:
        """Return the only row whose named columns equal the given values.

        Raises:
            PackError: packs.row_not_found (none) or packs.row_not_unique (several).
        """
        found = self.find(**equal)
        if len(found) == 1:
            return found[0]
        asked = ", ".join(f"{name}={value}" for name, value in equal.items())
        code = "packs.row_not_found" if not found else "packs.row_not_unique"
        raise PackError(Problem(code, values={"pack": self.card.id, "asked": asked, "count": len(found)}))

    def column(self, name: str) -> tuple[Value, ...]:
        """Return one column's values, one per row."""
        return tuple(row[name] for row in self.rows)

    def on(self, day: date) -> Problem | None:
        """Return the warning that the pack is not in force on that day, or None."""
        card = self.card
        if card.in_force(day):
            return None
        early = card.effective_from is not None and day < card.effective_from
        code = "packs.before_its_date" if early else "packs.past_its_date"
        values = {
            "pack": card.id,
            "name": {"zh": card.zh, "en": card.en},
            "day": day,
            "start": card.effective_from or "-",
            "end": card.effective_to or "-",
        }
        return Problem(code, values=values, severity="warning")


@dataclass(frozen=True)
class _Place:
    card: Path
    data: Path
    origin: str


@dataclass
class PackLibrary:
    """All packs by id; a pack is read when it is first asked for."""

    places: dict[str, _Place]
    stray: tuple[Problem, ...] = ()
    _read: dict[str, Pack] = field(default_factory=dict)

    @classmethod
    def load(cls, user_folder: Path | None = None) -> PackLibrary:
        """Return the library: the packaged packs, the user's in their place. Reads no pack yet.

        Args:
            user_folder: folder `packs` of a workspace; may be absent.
        """
        places = {
            folder.name: _Place(folder / "pack.toml", folder / "data.csv", "package")
            for folder in sorted(PACKAGED.iterdir())
            if (folder / "pack.toml").is_file()
        }
        stray: list[Problem] = []
        if user_folder is not None and user_folder.is_dir():
            stray = _add_user_places(places, user_folder)
        return cls(places, tuple(stray))

    def __getitem__(self, pack_id: str) -> Pack:
        """Return the pack of that id.

        Raises:
            PackError: the id is unknown (packs.unknown_pack), or the pack is broken: with all its problems.
        """
        if pack_id not in self._read:
            pack, problems = self._load(pack_id)
            if pack is None or problems:
                raise PackError(*problems)
            self._read[pack_id] = pack
        return self._read[pack_id]

    def __contains__(self, pack_id: object) -> bool:
        return pack_id in self.places

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self.places))

    def __len__(self) -> int:
        return len(self.places)

    def ids(self) -> tuple[str, ...]:
        """Return the ids of all packs, sorted."""
        return tuple(sorted(self.places))

    def card(self, pack_id: str) -> PackCard:
        """Return the card of a pack without reading its data.

        Raises:
            PackError: unknown id, or the card is broken.
        """
        if pack_id in self._read:
            return self._read[pack_id].card
        card, problems = read_card(self._place(pack_id).card, expected_id=pack_id)
        if card is None or problems:
            raise PackError(*problems)
        return card

    def check(self) -> list[Problem]:
        """Return every problem of every pack, of the references between packs and of stray user files."""
        problems = list(self.stray)
        whole: list[Pack] = []
        for pack_id in self:
            pack, found = self._load(pack_id)
            problems += found
            if pack is not None and not found:
                self._read[pack_id] = pack
            if pack is not None:
                whole.append(pack)
        for pack in whole:
            problems += self._reference_problems(pack, {other.card.id: other for other in whole})
        return problems

    def on(self, day: date) -> list[Problem]:
        """Return a warning for every pack that is not in force on that day."""
        warnings = (self[pack_id].on(day) for pack_id in self)
        return [warning for warning in warnings if warning is not None]

    def for_purpose(self, kind: str, purpose: str, on: date) -> Pack:
        """Return the one pack of a kind that serves the purpose and is in force on that day.

        Raises:
            PackError: packs.unknown_purpose (with the known), packs.none_in_force, packs.several_in_force.
        """
        cards = [card for card in map(self.card, self) if card.kind == kind]
        serving = [card for card in cards if purpose in card.purposes]
        values = {"kind": kind, "purpose": purpose, "day": on}
        if not serving:
            known = sorted({name for card in cards for name in card.purposes})
            raise PackError(
                Problem("packs.unknown_purpose", values={**values, "known": ", ".join(known) or "-"})
            )
        in_force = [card for card in serving if card.in_force(on)]
        if len(in_force) == 1:
            return self[in_force[0].id]
        code = "packs.several_in_force" if in_force else "packs.none_in_force"
        raise PackError(
            Problem(code, values={**values, "packs": ", ".join(c.id for c in in_force or serving)})
        )

    def _place(self, pack_id: str) -> _Place:
        if pack_id not in self.places:
            raise PackError(
                Problem("packs.unknown_pack", values={"pack": pack_id, "known": ", ".join(self.ids())})
            )
        return self.places[pack_id]

    def _load(self, pack_id: str) -> tuple[Pack | None, list[Problem]]:
        place = self._place(pack_id)
        absent = [path for path in (place.card, place.data) if not path.is_file()]
        if absent:
            return None, [
                Problem("packs.file_absent", Where(file=str(path)), {"pack": pack_id}) for path in absent
            ]
        card, problems = read_card(place.card, expected_id=pack_id)
        if card is None:
            return None, problems
        data = place.data.read_bytes()
        rows, row_problems = read_rows(data, card, place.data)
        pack = Pack(
            card=card,
            rows=tuple(rows),
            sha256=hashlib.sha256(data).hexdigest(),
            card_sha256=hashlib.sha256(place.card.read_bytes()).hexdigest(),
            origin=place.origin,
            folder=place.card.parent,
        )
        return pack, problems + row_problems

    def _reference_problems(self, pack: Pack, others: dict[str, Pack]) -> Iterator[Problem]:
        for column in pack.card.columns:
            if column.references is None or "." not in column.references:
                continue
            target, name = column.references.split(".", 1)
            if target not in others:
                values = {"pack": pack.card.id, "column": column.name, "target": target}
                yield Problem("packs.reference_pack_absent", values=values)
                continue
            known = {str(value) for value in others[target].column(name)}
            for value in dict.fromkeys(pack.column(column.name)):
                for item in items_of(value, column):
                    if item not in known:
                        where = Where(file=str(self.places[pack.card.id].data), column=column.name)
                        yield Problem(
                            "packs.reference_unknown", where, {"value": item, "target": column.references}
                        )


def _add_user_places(places: dict[str, _Place], folder: Path) -> list[Problem]:
    """Put the user's packs in place of the packaged ones; return a problem for each file that is no pack."""
    stray = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "~")):
            continue
        if path.is_dir():
            places[path.name] = _Place(path / "pack.toml", path / "data.csv", "user")
        elif path.suffix.lower() in (".csv", ".toml"):
            places[path.stem] = _Place(folder / f"{path.stem}.toml", folder / f"{path.stem}.csv", "user")
        else:
            stray.append(Problem("packs.stray_file", Where(file=str(path)), severity="warning"))
    return stray
