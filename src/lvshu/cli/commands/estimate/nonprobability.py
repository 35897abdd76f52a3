"""lvshu estimate nonprobability: a variable that only a source without a design has, carried to the population."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.cli.commands.estimate.common import Sampled, deliver, needed, picked, sampled
from lvshu.cli.console import Output
from lvshu.core.errors import ConfigError, InputError, MethodError, Problem, Where
from lvshu.intake.columns import LABEL, NUMBER, ColumnTable, read_columns
from lvshu.publish.results.estimate_words import coded
from lvshu.publish.results.estimates import EstimateReport
from lvshu.statistics import integration, survey
from lvshu.statistics.integration.mass_imputation import imputed

Array = NDArray[np.float64]

CODES = (
    "method",
    "variable",
    "value",
    "standard_error",
    "low",
    "high",
    "coefficient_of_variation",
    "n",
    "error_of",
)
FEWEST_REPLICATES = 50
"""Below this the spread of a bootstrap is mostly chance."""
DONATED = ("nearest", "matched")
WHOLE, SAMPLE_ONLY = "both_sources", "sample_alone"
"""What the error of an estimate holds."""


def execute(
    *,
    language: str,
    as_json: bool,
    source: Path,
    beside: Path,
    sheet: str,
    value: Sequence[str] | None,
    covariates: Sequence[str] | None,
    classes: Sequence[str] | None,
    donors: int,
    replicates: int,
    seed: int,
    level: float,
    to: Sequence[Path] | None,
    top: int,
    **designed: Any,
) -> int:
    """Estimate by every method, show and write. Returns the exit code."""
    if not value or len(value) > 1:
        raise needed("--value", "nonprobability")
    numeric, labelled = tuple(covariates or ()), tuple(classes or ())
    if not numeric and not labelled:
        raise needed("--covariate", "nonprobability")
    if 0 < replicates < FEWEST_REPLICATES:
        given = {"given": replicates, "least": FEWEST_REPLICATES}
        raise ConfigError(Problem("estimate.few_replicates", values=given))
    read, big = _read(source, beside, value[0], numeric, labelled, sheet, designed)
    a, b = _columns(read.table, big, numeric, labelled, (source.name, beside.name))
    y = np.array(big.numbers[value[0]])
    records, notes = _every(
        read, a, b, y, value[0], donors=donors, replicates=replicates, seed=seed, level=level
    )
    settings = {
        **read.settings, "covariates": [*numeric], "classes": [*labelled], "donors": donors,
        "replicates": replicates or None, "seed": seed if replicates else None, "level": level,
        "source_records": int(y.size),
    }  # fmt: skip
    title = ("没有抽样设计的来源与样本结合", "A source without a design and a sample together")
    method = (
        "质量插补、逆倾向加权、双重稳健（Kim 等 2021；Chen、Li 与 Wu 2020）",
        "Mass imputation, inverse propensity, doubly robust (Kim et al. 2021; Chen, Li and Wu 2020)",
    )
    columns = picked(CODES)
    report = EstimateReport(
        "nonprobability", title, method, settings, columns, tuple(records), (*read.origins, big.origin), notes
    )
    return deliver(Output(language, as_json), report, to=to, top=top)


def _read(
    source: Path, beside: Path, value: str, numeric: Sequence[str], labelled: Sequence[str], sheet: str,
    designed: dict[str, Any],
) -> tuple[Sampled, ColumnTable]:  # fmt: skip
    """Return the sample and the source.

    Raises:
        InputError: what is wrong with both files, all at once.
    """
    problems: list[Problem] = []
    read: Sampled | None = None
    big: ColumnTable | None = None
    try:
        read = sampled(
            source, sheet=sheet, numbers=numeric, labels=labelled, controls=None, distance="linear", bounds="",
            ridge=False, **designed,
        )  # fmt: skip
        problems += _missing(read.table, source.name, numeric)
    except InputError as error:
        problems += error.problems
    try:
        big = read_columns(
            beside, {**dict.fromkeys((value, *numeric), NUMBER), **dict.fromkeys(labelled, LABEL)}
        )
        problems += _missing(big, beside.name, (value, *numeric))
    except InputError as error:
        problems += error.problems
    if problems or read is None or big is None:
        raise InputError(*problems)
    return read, big


def _missing(table: ColumnTable, file: str, columns: Sequence[str]) -> list[Problem]:
    """Return the columns with numbers that are missing."""
    problems = []
    for name in columns:
        bad = np.flatnonzero(np.isnan(np.array(table.numbers[name])))
        if bad.size:
            where = Where(file=file, row=table.rows[int(bad[0])], column=name)
            problems.append(
                Problem("estimate.number_missing", where, {"column": name, "count": int(bad.size)})
            )
    return problems


def _columns(
    sample: ColumnTable,
    source: ColumnTable,
    numeric: Sequence[str],
    classes: Sequence[str],
    files: tuple[str, str],
) -> tuple[Array, Array]:
    """Return the columns of the models in both tables, a class without its first label.

    Raises:
        InputError: labels that only one of the two tables has, all at once.
    """
    parts: tuple[list[Array], list[Array]] = ([np.ones(len(sample.rows))], [np.ones(len(source.rows))])
    problems = []
    for name in numeric:
        for part, table in zip(parts, (sample, source), strict=True):
            part.append(np.array(table.numbers[name]))
    for name in classes:
        texts = [np.array(table.labels[name]) for table in (sample, source)]
        known = [set(one.tolist()) for one in texts]
        for own, other, file in ((known[0], known[1], files[1]), (known[1], known[0], files[0])):
            if lacking := sorted(own - other):
                told = {"column": name, "labels": ", ".join(lacking[:20]), "count": len(lacking)}
                problems.append(Problem("estimate.label_in_one_only", Where(file=file, column=name), told))
        for label in sorted(known[0] & known[1])[1:]:
            for part, text in zip(parts, texts, strict=True):
                part.append((text == label).astype(float))
    if problems:
        raise InputError(*problems)
    return np.column_stack(parts[0]), np.column_stack(parts[1])


def _every(
    read: Sampled,
    a: Array,
    b: Array,
    y: Array,
    variable: str,
    *,
    donors: int,
    replicates: int,
    seed: int,
    level: float,
) -> tuple[list[dict[str, Any]], tuple[tuple[str, str], ...]]:
    """Return a record for each method, and what is to be said of those that have no answer."""
    sample, binary = read.design, bool(np.isin(y, (0, 1)).all())
    model = "logistic" if binary else "linear"
    robust, calibrated = integration.doubly_robust, "calibrated"
    methods: dict[str, Callable[[], survey.Estimates]] = {
        f"mass_imputation_{model}": lambda: integration.mass_imputation(sample, a, b, y, method=model),
        **{f"mass_imputation_{name}": _donated(sample, a, b, y, name, donors, replicates, seed) for name in DONATED},
        "inverse_propensity": lambda: integration.inverse_propensity(sample, a, b, y),
        "inverse_propensity_calibrated": lambda: integration.inverse_propensity(sample, a, b, y, method=calibrated),
        "doubly_robust": lambda: robust(sample, a, b, y, model=model),
        "doubly_robust_calibrated": lambda: robust(sample, a, b, y, model=model, method=calibrated),
    }  # fmt: skip
    records: list[dict[str, Any]] = [
        {
            **dict.fromkeys(CODES),
            "method": "source_alone",
            "variable": variable,
            "value": float(y.mean()),
            "n": y.size,
        }
    ]
    notes = [
        (
            "来源自身的均值没有误差可言：谁在来源里不是抽出来的",
            "The mean of the source itself has no error to state, since nobody drew who is in it",
        )
    ]
    first: MethodError | None = None
    for name, ask in methods.items():
        try:
            record = ask().records(level)[0]
        except MethodError as error:
            first = first or error
            told = error.problems[0]
            zh, en = (coded("method", name, language) for language in ("zh", "en"))
            notes.append((f"{zh}：{told.what('zh')}", f"{en}: {told.what('en')}"))
            continue
        covers = SAMPLE_ONLY if name.endswith(DONATED) and not replicates else WHOLE
        records.append({**record, "method": name, "variable": variable, "error_of": covers})
    if len(records) == 1 and first is not None:
        raise first
    return records, tuple(notes)


def _donated(
    sample: survey.Design, a: Array, b: Array, y: Array, method: str, donors: int, replicates: int, seed: int
) -> Callable[[], survey.Estimates]:
    """Return the estimate from donors, with the error of both sources where replicates are asked for."""
    if not replicates:
        return lambda: integration.mass_imputation(sample, a, b, y, method=method, donors=donors)

    def once(drawn: survey.Design, places: NDArray[np.int64]) -> float:
        filled = imputed(method, a, b[places], y[places], donors)
        return float(drawn.weights @ filled / drawn.weights.sum())

    return lambda: integration.bootstrap_both(sample, y.size, once, replicates, np.random.default_rng(seed))
