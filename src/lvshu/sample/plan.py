"""How large the city is at each scale. These are the sample's design, not statistics."""

from __future__ import annotations

from dataclasses import dataclass

UNITS = 3_400_000  # enterprises and self-employed units of the 1:1 city
RESIDENTS_2023 = 24_874_500  # sample_anchors: residents_2023
LOANS = 10_000_000
WORK_RECORDS = 100_000_000
COMPANY_SHARE = 2_674_000 / 3_189_700  # sample_anchors: companies_2021 / market_entities_2021
LARGE_TABLES_AS_PARQUET = 10  # scale at and below which the large tables are Parquet


@dataclass(frozen=True)
class CityPlan:
    """Counts of the city at one scale; money and energy totals do not depend on the scale."""

    scale: int
    year: int

    @property
    def units(self) -> int:
        """Return the number of resident units in the register."""
        return max(1_500, round(UNITS / self.scale))

    @property
    def residents(self) -> int:
        """Return the number of residents."""
        return max(5_000, round(RESIDENTS_2023 / self.scale))

    @property
    def loans(self) -> int:
        """Return the number of loans."""
        return max(4_000, round(LOANS / self.scale))

    @property
    def work_records(self) -> int:
        """Return the number of platform work records aimed at."""
        return max(20_000, round(WORK_RECORDS / self.scale))

    @property
    def platforms(self) -> int:
        """Return the number of platforms that report."""
        return int(min(300, max(16, round(300 / float(self.scale) ** 0.5))))

    @property
    def survey_persons(self) -> int:
        """Return the sample size of the labour survey, in persons."""
        return min(60_000, max(2_400, self.residents // 250))

    @property
    def survey_enterprises(self) -> int:
        """Return the sample size of the business survey's sampled strata, in units."""
        return min(60_000, max(800, self.units // 40))

    @property
    def large_format(self) -> str:
        """Return the file ending of the large tables."""
        return "parquet" if self.scale <= LARGE_TABLES_AS_PARQUET else "csv"
