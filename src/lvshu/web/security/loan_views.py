"""Which groups of the loan book are withheld from those who may not see records, over all its views together.

A group is unsafe when fewer borrower groups stand behind it than the server's least number, or when its balance or its
emissions break the rules of the pack `disclosure_rules` (dominance, p %) where the run has that pack. Unsafe groups are
withheld, with others so that no two pages and no two filters give one of them by subtraction: neither alone within a
view, nor by any sum and difference of groups that other views show.

Source: Hundepool et al., Statistical Disclosure Control (2012), sensitivity rules and linked tables; which sums are
known is a question of linear algebra: a group follows from others when its loans are a linear combination of theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.engine.duckdb import text_literal
from lvshu.publish.reader import Reader
from lvshu.statistics.disclosure.primary import Cells, Rules, unsafe_cells

PACK, SUBJECT = "disclosure_rules", "enterprise"
CODES = {
    "institution": "l.institution_id",
    "product": "l.product_type",
    "industry": "substr(coalesce(l.purpose_industry_code, s.sector_code), 1, 2)",
    "group": "s.industry_group",
    "label": "CASE WHEN l.green_label IS NULL OR l.green_label = '' THEN NULL ELSE l.green_catalogue END",
    "quality": "CAST(a.quality_score AS VARCHAR)",
    "status": "s.scope_status",
    "coverage": "concat(s.scope_status, '/', s.reason)",
    "class": "CASE WHEN s.reason = 'after_year' THEN NULL WHEN i.group_code IS NOT NULL AND s.green "
    "THEN 'high_carbon_green' WHEN i.group_code IS NOT NULL THEN 'high_carbon' WHEN s.green THEN 'green' "
    "ELSE 'other' END",
}
"""What the loan book is divided by: pages show each of them, by accounting method."""
EXACT, USED = 1e-8, 1e-6
"""Squared distance from the shown groups (relative) that counts as none; least coefficient that counts as one."""
Matrix = NDArray[np.float64]
View = tuple[str, str]
"""What it is divided by, and the accounting method."""
Group = str | None
Key = tuple[View, Group]


@dataclass(frozen=True)
class Standing:
    """Who stands behind a group: borrower groups, and the sums with their two largest parts (balance, emission).

    emitters: the borrower groups of which an emission was counted; fewer than those with a balance.
    """

    code: Group
    contributors: int
    emitters: int
    balance: float
    emission: float
    largest: tuple[tuple[float, float], tuple[float, float]]


def loans_from(reader: Reader, method: str) -> str:
    """Return the tables behind the loan book of a method, as SQL (ledger, scope, emissions, borrowers, lists)."""
    chosen = text_literal(method)
    return (
        "FROM loan l JOIN loan_scope s ON s.loan_id = l.loan_id AND s.method = " + chosen
        + " LEFT JOIN (SELECT loan_id, sum(emission) AS emission, max(quality_score) AS quality_score "
        "FROM attributed_emission WHERE method = " + chosen + " GROUP BY loan_id) a ON a.loan_id = l.loan_id"
        + (" LEFT JOIN loan_match m ON m.loan_id = l.loan_id" if reader.book.has("loan_match") else "")
        + " LEFT JOIN industry_group i ON i.class_code = s.sector_code AND i.method = '*'"
    )  # fmt: skip


def contributor(reader: Reader) -> str:
    """Return who a loan's contributor is, as SQL: the group of its borrower, else the borrower, else the loan.

    Loans to persons whose ledger names no one (all under one general name) count one by one.
    """
    names = ["m.ultimate_parent_id", "m.entity_id"] if reader.book.has("loan_match") else []
    return f"coalesce({', '.join([*names, 's.subject_id', 'l.uscc', 'l.loan_id'])})"


def rules_of(reader: Reader, least: int) -> Rules:
    """Return the rules of the run's pack for enterprises, with the server's least number of borrower groups."""
    rows = reader.pack_rows(PACK, subject=SUBJECT)
    minimum = max(least, 2)
    if not rows:
        return Rules(minimum_count=minimum)
    row = rows[0]
    pair = row.get("dominance_n"), row.get("dominance_k")
    return Rules(
        minimum_count=minimum,
        p_percent=None if row.get("p_percent") is None else float(str(row["p_percent"])),
        dominance=None if None in pair else (int(str(pair[0])), float(str(pair[1]))),
    )


def hidden_groups(reader: Reader, least: int) -> dict[View, frozenset[Group]]:
    """Return the groups that are withheld, by view.

    Args:
        reader: of a book with a loan ledger and its scope.
        least: a group of fewer borrower groups is withheld.
    """
    book = _LoanBook(reader, rules_of(reader, least))
    book.close(book.views)
    follows = book.following()
    while follows:  # each round withholds at least one more, so it ends
        book.close([view for key in follows for view in book.hide(key)])
        follows = book.following()
    return {view: frozenset(found) for view, found in book.hidden.items()}


class _LoanBook:
    """The loan book with what is withheld of it so far."""

    def __init__(self, reader: Reader, rules: Rules) -> None:
        self.reader, self.rules = reader, rules
        self.views: list[View] = [(way, one) for one in reader.settings.finance_methods for way in CODES]
        self.standing = {view: {one.code: one for one in self._standing(view)} for view in self.views}
        self._equal: dict[Key, list[Key]] = {}
        self._place: dict[Key, int] = {}
        self._common = self._in_common()
        self.hidden: dict[View, set[Group]] = {view: set() for view in self.views}
        for view, groups in self.standing.items():
            for code, one in groups.items():
                if self._is_unsafe(one):
                    self.hide((view, code))

    def hide(self, key: Key) -> list[View]:
        """Withhold a group, and those of other views that are the same loans. Returns the views that changed."""
        changed = [one for one in self._equal[key] if one[1] not in self.hidden[one[0]]]
        for view, code in changed:
            self.hidden[view].add(code)
        return [view for view, _ in changed]

    def _run(self, sql: str) -> list[tuple[Any, ...]]:
        return list(self.reader.book.engine.execute(sql, table="loan"))  # type: ignore[attr-defined]

    def _standing(self, view: View, together: Iterable[Group] | None = None) -> list[Standing]:
        """Return who stands behind each group of a view; behind some of them together where those are named."""
        way, method = view
        code = CODES[way]
        chosen = ""
        if together is not None:
            named = [text_literal(one) for one in together if one is not None]
            parts = [f"{code} IN ({', '.join(named)})"] if named else []
            parts += [f"{code} IS NULL"] if None in set(together) else []
            chosen = f" WHERE {' OR '.join(parts)}"
        shown = "'*'" if together is not None else code
        rows = self._run(
            f"WITH part AS (SELECT {shown} AS code, {contributor(self.reader)} AS who, "
            "CAST(sum(s.outstanding_amount) AS DOUBLE) AS balance, CAST(sum(a.emission) AS DOUBLE) AS emission "
            f"{loans_from(self.reader, method)}{chosen} GROUP BY 1, 2), ranked AS (SELECT *, "
            "row_number() OVER (PARTITION BY code ORDER BY abs(balance) DESC NULLS LAST, who) AS by_balance, "
            "row_number() OVER (PARTITION BY code ORDER BY abs(emission) DESC NULLS LAST, who) AS by_emission "
            "FROM part) SELECT code, count(*), count(emission), coalesce(sum(balance), 0), coalesce(sum(emission), 0), "
            + ", ".join(
                f"coalesce(max(CASE WHEN by_{name} = {rank} THEN abs({name}) END), 0)"
                for name in ("balance", "emission")
                for rank in (1, 2)
            )
            + " FROM ranked GROUP BY 1 ORDER BY 1"
        )
        return [
            Standing(row[0], row[1], row[2], row[3], row[4], ((row[5], row[6]), (row[7], row[8])))
            for row in rows
        ]

    def _is_unsafe(self, one: Standing) -> bool:
        size = np.array([one.balance, one.emission])
        count = np.array([one.contributors, one.emitters])
        cells = Cells(size, count, np.array(one.largest))
        return bool(unsafe_cells(cells, self.rules).flag.any())

    def close(self, views: Iterable[View]) -> None:
        """Withhold more until the groups withheld in each view are safe together: their sum follows from the total."""
        waiting = list(dict.fromkeys(views))
        while waiting:
            view = waiting.pop(0)
            code = self._lacking(view)
            if code is not None:
                changed = self.hide((view, code[0]))
                waiting += [one for one in dict.fromkeys((view, *changed)) if one not in waiting]

    def _lacking(self, view: View) -> tuple[Group] | None:
        """Return the smallest shown group of a view where those withheld are not safe together; None where they are."""
        groups, hidden = self.standing[view], self.hidden[view]
        others = [one for code, one in groups.items() if code not in hidden]
        if not hidden or not others:
            return None
        if len(hidden) > 1 and not self._is_unsafe(self._standing(view, hidden)[0]):
            return None
        return (min(others, key=lambda one: (one.balance, str(one.code))).code,)

    def _in_common(self) -> Matrix:
        """Return how many kinds of loans two groups have in common; the total stands last, as a group.

        Shape (groups + 1, groups + 1). A kind are the loans that no view tells apart. Whether a group is a linear
        combination of others follows from these inner products alone.
        """
        methods = list(self.reader.settings.finance_methods)
        parts = [
            f"v{number} AS (SELECT l.loan_id, "
            + ", ".join(f"{code} AS {way}_{number}" for way, code in CODES.items())
            + f" {loans_from(self.reader, method)})"
            for number, method in enumerate(methods)
        ]
        names = [f"{way}_{number}" for number in range(len(methods)) for way in CODES]
        joined = " ".join(f"JOIN v{number} USING (loan_id)" for number in range(1, len(methods)))
        rows = self._run(
            f"WITH {', '.join(parts)} SELECT DISTINCT {', '.join(names)} FROM v0 {joined} ORDER BY ALL"
        )
        self._place = {
            key: place
            for place, key in enumerate((view, code) for view in self.views for code in self.standing[view])
        }
        matrix = np.zeros((len(self._place) + 1, len(rows)))
        matrix[-1] = 1.0
        for atom, row in enumerate(rows):
            for view, code in zip(self.views, row, strict=True):
                matrix[self._place[(view, code)], atom] = 1.0
        alike: dict[bytes, list[Key]] = {}
        for key, place in self._place.items():
            alike.setdefault(matrix[place].tobytes(), []).append(key)
        self._equal = {key: keys for keys in alike.values() for key in keys}
        return matrix @ matrix.T

    def following(self) -> list[Key]:
        """Return shown groups without which withheld ones would not follow from others; none where nothing follows."""
        keys = list(self._place)
        shown = [place for place, (view, code) in enumerate(keys) if code not in self.hidden[view]]
        secret = [place for place, (view, code) in enumerate(keys) if code in self.hidden[view]]
        if not secret:
            return []
        known = [*shown, len(keys)]  # the total is always known
        common = self._common
        found, *_ = np.linalg.lstsq(common[np.ix_(known, known)], common[np.ix_(known, secret)], rcond=None)
        own = np.diag(common)[secret]
        misfit = own - np.einsum("ij,ij->j", common[np.ix_(known, secret)], found)
        given = np.flatnonzero(np.abs(misfit) < EXACT * own)
        chosen: dict[Key, None] = {}
        for number in given.tolist():
            used = [shown[one] for one in np.flatnonzero(np.abs(found[:-1, number]) > USED).tolist()]
            if used and not any(keys[place] in chosen for place in used):
                chosen[keys[min(used, key=lambda place: (self._size(keys[place]), place))]] = None
        return list(chosen)

    def _size(self, key: Key) -> float:
        view, code = key
        return self.standing[view][code].balance


def withheld_rows(
    hidden: Mapping[View, frozenset[Group]], way: str, methods: Sequence[str], codes: Sequence[Group]
) -> set[tuple[int, str]]:
    """Return the cells of a panel that are withheld: place of the row, accounting method of the column."""
    return {
        (place, method)
        for place, code in enumerate(codes)
        for method in methods
        if code in hidden.get((way, method), frozenset())
    }
