"""True balances of every borrower, from which the truth of financed emissions is made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lvshu.sample.lending import KINDS, LoanBlock


@dataclass
class Exposure:
    """Balances of every unit by group, in yuan; arrays of shape (units,): what the truth of finance is made of.

    Groups: non_project, project, project_as_non_project. Averages are over all months and over months in the book.
    """

    units: int
    banks: int

    def __post_init__(self) -> None:
        self.over_12_months = {kind: np.zeros(self.units) for kind in KINDS}
        self.over_tenure = {kind: np.zeros(self.units) for kind in KINDS}
        self.year_end = {kind: np.zeros(self.units) for kind in KINDS}
        self.ordinary: dict[str, list[np.ndarray]] = {
            name: [] for name in ("borrower", "bank", "over_12_months", "over_tenure", "year_end")
        }
        self.year_end_of_bank = np.zeros(self.banks)
        self.year_end_total = 0.0
        self.year_end_green = 0.0
        self.loans = 0
        self.loans_after_year = 0

    def non_project_above(self, minimum: float, rule: str) -> np.ndarray:
        """Return each unit's non-project balance at the banks where it comes to the minimum, yuan, shape (units,).

        Args:
            minimum: least balance of a customer at one bank, in yuan.
            rule: over_12_months, over_tenure or year_end.
        """
        borrower = np.concatenate(self.ordinary["borrower"])
        customer = borrower * self.banks + np.concatenate(self.ordinary["bank"])
        amount = np.concatenate(self.ordinary[rule])
        keys, place = np.unique(customer, return_inverse=True)
        sums = np.bincount(place, weights=amount, minlength=len(keys))
        result = np.zeros(self.units)
        np.add.at(result, keys // self.banks, np.where(sums >= minimum, sums, 0.0))
        return result

    def add(self, loans: LoanBlock, ends: np.ndarray, customers: np.ndarray) -> None:
        """Add a block of loans.

        Args:
            loans: the block.
            ends: month ends as days, shape (12,).
            customers: units whose non-project loans are kept by bank, boolean, shape (units,).
        """
        filled = np.nan_to_num(loans.balances)
        months = np.maximum((loans.disbursed[:, None] <= ends[None, :]).sum(axis=1), 1)
        late = loans.disbursed > ends[-1]
        for number, kind in enumerate(KINDS):
            use = (loans.borrower >= 0) & (loans.kind == number) & ~late
            who = loans.borrower[use]
            sums = filled[use].sum(axis=1)
            np.add.at(self.over_12_months[kind], who, sums / 12)
            np.add.at(self.over_tenure[kind], who, sums / months[use])
            np.add.at(self.year_end[kind], who, filled[use, 11])
            if kind == "non_project":
                kept = customers[who]
                parts = (who, loans.bank[use], sums / 12, sums / months[use], filled[use, 11])
                for name, values in zip(self.ordinary, parts, strict=True):
                    self.ordinary[name].append(values[kept])
        np.add.at(self.year_end_of_bank, loans.bank, filled[:, 11])
        self.year_end_total += float(filled[:, 11].sum())
        self.year_end_green += float(filled[loans.green >= 0, 11].sum())
        self.loans += len(loans)
        self.loans_after_year += int(late.sum())
