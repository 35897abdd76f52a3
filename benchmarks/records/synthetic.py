"""Persons that do not exist, one in three of whom is recorded twice with slips; postcodes even or Zipf-skewed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

CONSONANTS, VOWELS = "bcdfghjklmnprstvw", "aeiou"
GIVEN, SURNAMES, STREETS, POSTCODES = 1_200, 20_000, 4_000, 2_000
ZIPF = 1.3
FIELDS = ("given_name", "surname", "date_of_birth", "postcode", "street", "phone")
TYPOS = {
    "given_name": 0.12,
    "surname": 0.12,
    "date_of_birth": 0.08,
    "postcode": 0.08,
    "street": 0.20,
    "phone": 0.10,
}
NULLS = {
    "given_name": 0.02,
    "surname": 0.01,
    "date_of_birth": 0.02,
    "postcode": 0.03,
    "street": 0.05,
    "phone": 0.05,
}


@dataclass(frozen=True)
class Persons:
    """Records and the person that each is of, shape (records,)."""

    records: pa.Table
    person: np.ndarray


def _words(random: np.random.Generator, count: int, syllables: tuple[int, int]) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < count:
        size = int(random.integers(syllables[0], syllables[1] + 1))
        found["".join(random.choice(list(CONSONANTS)) + random.choice(list(VOWELS)) for _ in range(size))] = (
            None
        )
    return list(found)


def _zipf(random: np.random.Generator, count: int, rows: int, power: float) -> np.ndarray:
    share = 1 / np.arange(1, count + 1) ** power
    return np.searchsorted(np.cumsum(share) / share.sum(), random.random(rows)).clip(0, count - 1)


def _slip(text: str, kind: int, place: int, letter: str) -> str:
    place %= max(len(text), 1)
    if kind == 0:
        return text[:place] + letter + text[place + 1 :]
    if kind == 1:
        return text[:place] + text[place + 1 :]
    if kind == 2:
        return text[:place] + letter + text[place:]
    return text[:place] + text[place + 1 : place + 2] + text[place : place + 1] + text[place + 2 :]


def _copy(random: np.random.Generator, values: np.ndarray, name: str) -> np.ndarray:
    """Return the values as another clerk wrote them."""
    made = values.copy()
    letters = "0123456789" if name in ("date_of_birth", "postcode", "phone") else CONSONANTS + VOWELS
    rows = np.flatnonzero(random.random(len(values)) < TYPOS[name])
    kinds, places = random.integers(0, 4, len(rows)), random.integers(0, 20, len(rows))
    drawn = random.integers(0, len(letters), len(rows))
    for row, kind, place, letter in zip(rows, kinds, places, drawn, strict=True):
        if name in ("date_of_birth", "postcode", "phone") and kind in (1, 2):
            kind = 0
        made[row] = _slip(made[row], int(kind), int(place), letters[int(letter)])
    return made


def persons(count: int, *, skewed: bool, seed: int = 41) -> Persons:
    """Return so many records; the second records of persons stand at the end, in an order of their own."""
    random = np.random.default_rng(seed)
    copies = count // 3
    people = count - copies
    given = np.array(_words(random, GIVEN, (2, 3)), dtype=object)
    surnames = np.array(_words(random, SURNAMES, (2, 4)), dtype=object)
    streets = np.array(_words(random, STREETS, (3, 4)), dtype=object)
    if skewed:
        post = _zipf(random, POSTCODES, people, ZIPF)
    else:
        post = random.integers(0, max(POSTCODES, people // 100), people)
    days = np.datetime64("1940-01-01") + random.integers(0, 25_000, people)
    columns: dict[str, np.ndarray] = {
        "given_name": given[_zipf(random, GIVEN, people, 0.6)],
        "surname": surnames[_zipf(random, SURNAMES, people, 0.6)],
        "date_of_birth": np.array([str(day).replace("-", "") for day in days], dtype=object),
        "postcode": np.array([f"{number:06d}" for number in post], dtype=object),
        "street": streets[random.integers(0, STREETS, people)],
        "phone": np.array([f"{number:09d}" for number in random.integers(0, 10**9, people)], dtype=object),
    }
    again = random.permutation(people)[:copies]
    made = {}
    for name, values in columns.items():
        whole = np.concatenate([values, _copy(random, values[again], name)])
        missing = random.random(count) < NULLS[name]
        made[name] = pa.array(whole, type=pa.string(), mask=missing)
    return Persons(pa.table(made), np.concatenate([np.arange(people), again]))


def measures(person: np.ndarray, left: np.ndarray, right: np.ndarray) -> dict[str, float]:
    """Return precision and recall of linked pairs of records."""
    true = int((person[left] == person[right]).sum())
    wanted = int((np.bincount(person) == 2).sum())
    return {"pairs": len(left), "precision": true / max(len(left), 1), "recall": true / max(wanted, 1)}


def write(made: Persons, folder: Path) -> None:
    """Write records and truth where both sides of the benchmark read them."""
    pq.write_table(made.records, folder / "records.parquet")
    np.save(folder / "person.npy", made.person)


def read(folder: Path) -> pa.Table:
    """Return the records of a folder; the truth is not read."""
    return pq.read_table(folder / "records.parquet")


def save(pairs: tuple[np.ndarray, np.ndarray], folder: Path) -> None:
    """Write linked pairs of rows."""
    np.save(folder / "pairs.npy", np.stack([np.asarray(side, dtype=np.int64) for side in pairs]))
