"""lvshu.toml: the settings of a workspace, read whole; every fault is told at once, with its path."""

from __future__ import annotations

import difflib
import ipaddress
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from lvshu.core.errors import ConfigError, Problem, Where
from lvshu.engine.settings import Settings

FILE_NAME = "lvshu.toml"
FORMAT = 1
_LINE = re.compile(r"at line (\d+)")
_STRICT = ConfigDict(extra="forbid", frozen=True)


class City(BaseModel):
    """[city]: which place and year the book is about."""

    model_config = _STRICT
    area: str = Field(pattern=r"^\d{6}$", description="GB/T 2260 code of the area, six digits")
    area_zh: str = Field(default="", description="Chinese name; taken from the pack `areas` when left out")
    area_en: str = Field(default="", description="English name; taken from the pack `areas` when left out")
    year: int = Field(ge=1949, le=2100, description="Reporting year")
    synthetic: bool = Field(default=False, description="Records are invented; every export says so")


class Methods(BaseModel):
    """[methods]: which accounting methods and factor sets the book uses."""

    model_config = _STRICT
    finance_methods: list[str] = Field(default=["bank_2026", "trial_2021", "pcaf_2022"], min_length=1)
    balance_average: Literal["over_12_months", "over_tenure"] = "over_12_months"
    fuel_factors: str = "fuel_factors_p"
    gwp: str = "AR5"
    avoided_power: str = Field(
        default="combined_margin", description="Factor of power that a green project displaces or saves"
    )
    main_activity: Literal["largest", "isic_top_down"] = Field(
        default="largest",
        description="Largest activity (GB/T 4754), or from the top of the classification down (ISIC)",
    )
    machine_industry: bool = Field(
        default=True,
        description="Borrowers without an industry in the register: emissions by the one that the machine found; "
        "false: by people's or a linked unit's alone",
    )
    imports_in_exports: bool = Field(
        default=False, description="Exports and outflows carry imports in proportion, like every other use"
    )


class Ledger(BaseModel):
    """[ledger]: how the book names the loans."""

    model_config = _STRICT
    loan_keys: Literal["short", "institution"] = Field(
        default="short",
        description="In a book of one institution: its own numbers, or institution:number as in a book of several",
    )


class Matching(BaseModel):
    """[matching]: when a name found is taken without a look. The defaults are lvshu's own convention."""

    model_config = _STRICT
    accept: float = Field(default=0.9, ge=0, le=1, description="Least probability that is taken")
    margin: float = Field(default=0.3, ge=0, le=1, description="How far ahead of the next candidate")
    seen: float = Field(default=0.1, ge=0, le=1, description="Least probability that is shown to a reviewer")


class Linkage(BaseModel):
    """[linkage]: when records are linked, and what is asked about them. The defaults are lvshu's own convention."""

    model_config = _STRICT
    accept: float = Field(default=0.5, ge=0, le=1, description="Least probability that links a record")
    accept_codes: float = Field(
        default=0.9,
        ge=0,
        le=1,
        description="Least probability that joins two valid credit codes; 1 joins none",
    )
    review_low: float = Field(
        default=0.05, ge=0, le=1, description="Pairs from this probability are reviewed"
    )
    review_high: float = Field(
        default=0.95, ge=0, le=1, description="Pairs up to this probability are reviewed"
    )
    sample_pairs: int = Field(default=300, ge=2, description="Pairs drawn to estimate the error of linkage")
    sample_records: int = Field(default=60, ge=2, description="Records drawn apart from blocking")


class Estimation(BaseModel):
    """[estimation]: how uncertainty is drawn."""

    model_config = _STRICT
    seed: int = Field(default=20210913, ge=0)
    replicates: int = Field(default=200, ge=2)


class EngineChoice(BaseModel):
    """[engine]: what computes, and with how much of the machine."""

    model_config = _STRICT
    name: Literal["duckdb", "spark"] = "duckdb"
    threads: int | None = Field(default=None, ge=1)
    memory: str | None = Field(default=None, pattern=r"^\d+(\.\d+)?\s*(KB|MB|GB|TB|KiB|MiB|GiB|TiB)$")


class Serve(BaseModel):
    """[serve]: how `lvshu serve` stands in its network."""

    model_config = _STRICT
    trusted_proxies: list[str] = Field(
        default=[],
        description="Addresses or networks of our own reverse proxies, whose X-Forwarded-For is believed",
    )

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, found: list[str]) -> list[str]:
        for one in found:
            try:
                ipaddress.ip_network(one.strip(), strict=False)
            except ValueError:
                raise PydanticCustomError("network", "neither an address nor a network") from None
        return found


class WorkspaceConfig(BaseSettings):
    """The whole of lvshu.toml. A variable such as LVSHU_ENGINE__THREADS overrides the file."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix="LVSHU_", env_nested_delimiter="__", env_ignore_empty=True
    )
    format: Literal[1]
    name: str = ""
    city: City
    methods: Methods = Methods()
    ledger: Ledger = Ledger()
    matching: Matching = Matching()
    linkage: Linkage = Linkage()
    estimation: Estimation = Estimation()
    engine: EngineChoice = EngineChoice()
    serve: Serve = Serve()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return the sources in order of precedence: the environment, then the file."""
        return (env_settings, init_settings)

    def settings(self, *, area_zh: str, area_en: str) -> Settings:
        """Return the settings that steps may read.

        Args:
            area_zh: Chinese name of the area, used when the file gives none.
            area_en: English name of the area, used when the file gives none.
        """
        return Settings(
            area=self.city.area,
            area_zh=self.city.area_zh or area_zh,
            area_en=self.city.area_en or area_en,
            year=self.city.year,
            synthetic=self.city.synthetic,
            seed=self.estimation.seed,
            replicates=self.estimation.replicates,
            finance_methods=tuple(self.methods.finance_methods),
            balance_average=self.methods.balance_average,
            fuel_factors=self.methods.fuel_factors,
            gwp=self.methods.gwp,
            avoided_power=self.methods.avoided_power,
            main_activity=self.methods.main_activity,
            machine_industry=self.methods.machine_industry,
            loan_keys=self.ledger.loan_keys,
            imports_in_exports=self.methods.imports_in_exports,
            match_accept=self.matching.accept,
            match_margin=self.matching.margin,
            match_seen=self.matching.seen,
            register_accept=self.linkage.accept,
            register_accept_codes=self.linkage.accept_codes,
            register_review_low=self.linkage.review_low,
            register_review_high=self.linkage.review_high,
            register_sample_pairs=self.linkage.sample_pairs,
            register_sample_records=self.linkage.sample_records,
        )


def read_config(path: Path) -> WorkspaceConfig:
    """Return the configuration kept in a file.

    Raises:
        ConfigError: absent, not TOML, of a newer format, or with wrong or unknown keys (all of them).
    """
    raw = _read_toml(path)
    made = raw.get("format")
    if isinstance(made, int) and made > FORMAT:
        raise ConfigError(
            Problem("store.newer_format", Where(file=str(path)), {"found": made, "known": FORMAT})
        )
    try:
        return WorkspaceConfig(**raw)
    except ValidationError as error:
        problems = [_problem(dict(one), path) for one in error.errors()]
        raise ConfigError(*problems) from None


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError(
            Problem("store.no_workspace", Where(file=str(path)), {"folder": path.parent})
        ) from None
    except UnicodeDecodeError:
        raise ConfigError(Problem("store.config_encoding", Where(file=str(path)))) from None
    except tomllib.TOMLDecodeError as error:
        found = _LINE.search(str(error))
        where = Where(file=str(path), row=int(found[1]) if found else None)
        raise ConfigError(Problem("store.config_syntax", where, {"reason": str(error)})) from None


def _problem(error: Mapping[str, Any], path: Path) -> Problem:
    parts = [str(part) for part in error["loc"]]
    dotted = ".".join(parts)
    where = Where(file=str(path))
    values: dict[str, object] = {"key": dotted, "value": error.get("input")}
    if error["type"] == "extra_forbidden":
        known = _keys_beside(parts)
        near = difflib.get_close_matches(parts[-1], known, n=1, cutoff=0.5)
        values["known"] = known
        if near:
            return Problem("store.config_unknown_near", where, {**values, "near": near[0]})
        return Problem("store.config_unknown", where, values)
    if error["type"] == "missing":
        return Problem("store.config_missing", where, values)
    return Problem("store.config_value", where, {**values, "expected": _expected(error)})


def _keys_beside(parts: list[str]) -> list[str]:
    model: type[BaseModel] = WorkspaceConfig
    for part in parts[:-1]:
        field = model.model_fields.get(part)
        if (
            field is None
            or not isinstance(field.annotation, type)
            or not issubclass(field.annotation, BaseModel)
        ):
            return []
        model = field.annotation
    return list(model.model_fields)


_EXPECTED = {
    "int_type": ("整数", "a whole number"),
    "int_parsing": ("整数", "a whole number"),
    "int_from_float": ("整数", "a whole number"),
    "string_type": ("带引号的文本", "a text in quotation marks"),
    "bool_type": ("true 或 false", "true or false"),
    "bool_parsing": ("true 或 false", "true or false"),
    "list_type": ('方括号中的列表，例如 ["a", "b"]', 'a list in square brackets, such as ["a", "b"]'),
    "too_short": ("至少一项", "at least one item"),
    "model_type": ("一个小节（[小节] 与其下的键）", "a section ([section] with keys below it)"),
    "greater_than_equal": ("不小于 {ge}", "at least {ge}"),
    "less_than_equal": ("不大于 {le}", "at most {le}"),
    "area": ("六位数字代码，例如 310000", "a code of six digits, such as 310000"),
    "memory": ("带单位的容量，例如 8GB", "a size with its unit, such as 8GB"),
    "network": (
        '地址或网段的列表，例如 ["10.0.0.5", "10.1.0.0/16"]',
        'a list of addresses or networks, such as ["10.0.0.5", "10.1.0.0/16"]',
    ),
    "literal_error": ("以下之一：{expected}", "one of {expected}"),
}


def _expected(error: Mapping[str, Any]) -> dict[str, str]:
    kind = error["loc"][-1] if error["type"] == "string_pattern_mismatch" else error["type"]
    zh, en = _EXPECTED.get(kind, (error["msg"], error["msg"]))
    context = {key: str(value) for key, value in error.get("ctx", {}).items()}
    context.setdefault("expected", "")
    chinese = {**context, "expected": context["expected"].replace(" or ", " 或 ")}
    return {"zh": _fill(zh, chinese), "en": _fill(en, context)}


def _fill(text: str, context: Mapping[str, str]) -> str:
    for name, value in context.items():
        text = text.replace("{" + name + "}", value)
    return text


def config_text(
    *, name: str, area: str, area_zh: str, area_en: str, year: int, synthetic: bool, seed: int | None = None
) -> str:
    """Return the text of a new lvshu.toml, with a comment for each key."""
    lines = [
        f"format = {FORMAT}                     # 格式版本 · version of this file's format",
        f"name = {_quoted(name)}",
        "",
        "[city]                         # 账本所述的城市与年度 · the place and year of the book",
        f"area = {_quoted(area)}                # GB/T 2260",
        f"area_zh = {_quoted(area_zh)}",
        f"area_en = {_quoted(area_en)}",
        f"year = {year}",
        f"synthetic = {str(synthetic).lower()}              # true：记录为虚构 · the records are invented",
        "",
        "[methods]                      # lvshu packs 列出可选项 · `lvshu packs` lists the choices",
        'finance_methods = ["bank_2026", "trial_2021", "pcaf_2022"]',
        'balance_average = "over_12_months"  # over_12_months | over_tenure',
        'fuel_factors = "fuel_factors_p"',
        'gwp = "AR5"',
        'avoided_power = "combined_margin"  # combined_margin | operating_margin | fossil_mix | average',
        "machine_industry = true        # false：不用机器编的行业 · else no codes of the machine",
        "imports_in_exports = false     # true：出口与调出也按比例含进口 · exports and outflows carry imports too",
        "",
        "[estimation]",
        f"seed = {20210913 if seed is None else seed}",
        "replicates = 200",
        "",
        "[engine]",
        'name = "duckdb"                # duckdb | spark',
        "# threads = 2",
        '# memory = "8GB"',
        "",
        "[serve]                        # 反向代理的地址 · addresses of reverse proxies",
        '# trusted_proxies = ["10.0.0.5"]',
        "",
    ]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'
