"""What a run is asked for: the place, the year, the methods, the seed."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Settings:
    """The settings that steps may read. A change of a value reruns every step."""

    area: str
    area_zh: str
    area_en: str
    year: int
    synthetic: bool = False
    seed: int = 20210913
    replicates: int = 200
    finance_methods: tuple[str, ...] = ("bank_2026", "trial_2021", "pcaf_2022")
    balance_average: str = "over_12_months"
    fuel_factors: str = "fuel_factors_p"
    gwp: str = "AR5"
    avoided_power: str = "combined_margin"
    imports_in_exports: bool = False
    main_activity: str = "largest"
    machine_industry: bool = True
    loan_keys: str = "short"
    match_accept: float = 0.9
    match_margin: float = 0.3
    match_seen: float = 0.1
    register_accept: float = 0.5
    register_accept_codes: float = 0.9
    register_review_low: float = 0.05
    register_review_high: float = 0.95
    register_sample_pairs: int = 300
    register_sample_records: int = 60

    def area_name(self, language: str) -> str:
        """Return the area's name."""
        return self.area_zh if language == "zh" else self.area_en

    def as_dict(self) -> dict[str, Any]:
        """Return the settings as plain data."""
        return asdict(self)


NAMES = frozenset(one.name for one in fields(Settings))
READ = "_read"


class WatchedSettings(Settings):
    """The same settings, which remember the names of those that were read: what a step's result can depend on."""

    @classmethod
    def watching(cls, settings: Settings, read: set[str]) -> WatchedSettings:
        """Return settings whose reading is noted in `read`."""
        made = cls.__new__(cls)
        for name in NAMES:
            object.__setattr__(made, name, getattr(settings, name))
        object.__setattr__(made, READ, read)
        return made

    def __getattribute__(self, name: str) -> Any:
        """Return an attribute; note it where it is a setting."""
        if name in NAMES:
            object.__getattribute__(self, READ).add(name)
        return object.__getattribute__(self, name)
