"""What the commands of `lvshu estimate` share: designs and controls from columns, showing and writing results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lvshu.cli.console import Output
from lvshu.core.errors import ConfigError, InputError, Problem, Where
from lvshu.core.wording import filled
from lvshu.intake.columns import LABEL, NUMBER, TEXT, ColumnTable, read_columns
from lvshu.publish.results.estimate_words import cells, setting_lines
from lvshu.publish.results.estimates import EstimateReport, write_estimates
from lvshu.statistics import survey
from lvshu.statistics.survey.calibration import Calibrated

COLUMNS: dict[str, tuple[str, str]] = {
    "statistic": ("统计量", "statistic"),
    "variable": ("变量", "variable"),
    "label": ("类别", "label"),
    "stratum": ("层", "stratum"),
    "model": ("模型", "model"),
    "area": ("区域", "area"),
    "value": ("估计值", "estimate"),
    "standard_error": ("标准误", "standard error"),
    "low": ("下限", "low"),
    "high": ("上限", "high"),
    "coefficient_of_variation": ("变异系数", "coefficient of variation"),
    "design_effect": ("设计效应", "design effect"),
    "n": ("样本量", "n"),
    "observed": ("名单上的人数", "on any list"),
    "method": ("方法", "method"),
    "naive": ("未修正", "without correction"),
    "direct": ("直接估计", "direct estimate"),
    "direct_error": ("直接估计标准误", "its standard error"),
    "posterior_mean": ("后验均值", "posterior mean"),
    "shrinkage": ("直接估计的权重", "weight of the direct estimate"),
    "benchmarked": ("与公布数一致", "benchmarked"),
    "benchmarked_error": ("其标准误", "its standard error"),
    "benchmarked_low": ("其下限", "its low"),
    "benchmarked_high": ("其上限", "its high"),
    "control": ("总量", "control"),
    "wanted": ("已知", "wanted"),
    "before": ("校准前", "before"),
    "reached": ("校准后", "after"),
    "gap": ("差", "gap"),
    "error_of": ("误差包含", "error holds"),
}


@dataclass(frozen=True)
class Sampled:
    """A table with the design of its sample, calibrated where controls were given."""

    table: ColumnTable
    design: survey.Design
    before: survey.Design
    calibrated: Calibrated | None
    known: survey.Controls | None
    settings: dict[str, Any]
    origins: tuple[Any, ...]
    importance: Any = None


def needed(option: str, statistic: str) -> ConfigError:
    """Return the error of an option that a question cannot do without."""
    return ConfigError(Problem("estimate.option_needed", values={"option": option, "statistic": statistic}))


def sampled(
    source: Path,
    *,
    sheet: str,
    numbers: Sequence[str],
    labels: Sequence[str],
    weight: str,
    strata: Sequence[str] | None,
    cluster: Sequence[str] | None,
    population: Sequence[str] | None,
    lonely: str,
    controls: Path | None,
    distance: str,
    bounds: str,
    ridge: bool,
    complete: Sequence[str] = (),
) -> Sampled:
    """Return a table and its design, calibrated to the totals of a file where one is given.

    Of the columns `complete` no cell may be empty.

    Raises:
        InputError: what reading says; weights that are none and cells that are empty, all at once, with their rows.
        MethodError: a design or totals that are none.
    """
    totals = read_totals(controls) if controls else None
    numeric = dict.fromkeys([*numbers, *([weight] if weight else []), *(population or ())], NUMBER)
    named = [*labels, *(strata or ()), *(cluster or ())]
    for variable, label in totals.pairs if totals else ():
        (named.append(variable) if label else numeric.setdefault(variable, NUMBER))
    wanted = {**numeric, **{(f"={name}" if name in numeric else name): LABEL for name in named}}

    def faults(table: ColumnTable) -> list[Problem]:
        return [*_bad_weights(table, source, weight), *empty_cells(table, source, complete)]

    table = read_columns(source, wanted, sheet=sheet, also=faults)
    count = len(table.rows)
    if problems := faults(table):
        raise InputError(*problems)
    weights = np.array(table.numbers[weight]) if weight else np.ones(count)
    before = survey.design(
        weights,
        strata=[np.array(table.labels[name]) for name in strata] if strata else None,
        clusters=[np.array(table.labels[name]) for name in cluster] if cluster else None,
        population=[np.array(table.numbers[name]) for name in population] if population else None,
        lonely=lonely,
    )
    settings: dict[str, Any] = {
        "weight": weight or None, "strata": list(strata or ()), "cluster": list(cluster or ()),
        "population": list(population or ()), "lonely": lonely, "records": count,
        "first_stage_units": int(before.stages[0].count.sum()), "degrees_of_freedom": before.degrees_of_freedom,
    }  # fmt: skip
    origins: tuple[Any, ...] = (table.origin,)
    if totals is None:
        return Sampled(table, before, before, None, None, settings, origins)
    known = totals.controls(table)
    importance = totals.ridge(known) if ridge else None
    made = survey.calibrate(before, known, distance=distance, bounds=limits(bounds), importance=importance)
    settings |= {"controls": [*known.names], "distance": distance, "bounds": bounds or None, "ridge": ridge}
    found = (*origins, totals.table.origin)
    return Sampled(table, made.design, before, made, known, settings, found, importance)


def negative_weights(made: Calibrated | None) -> list[tuple[str, str]]:
    """Return a note on weights that a calibration turned negative; none without any."""
    count = 0 if made is None else int((made.design.weights < 0).sum())
    if not count:
        return []
    zh = f"{count} 个校准后的权数为负：总量照样满足，但单条记录与小域的数没有意义；用 --bounds，或 --distance raking"
    en = filled(
        "{count:# calibrated weight is|# calibrated weights are} negative: the totals hold, but figures of "
        "single records "
        "and small domains make no sense; take --bounds, or --distance raking",
        {"count": count},
    )
    return [(zh, en)]


def _bad_weights(table: ColumnTable, source: Path, weight: str) -> list[Problem]:
    """Return what is wrong with the weights, by the row of the first of each kind."""
    if not weight:
        return []
    given = np.array(table.numbers[weight])
    problems = []
    for code, bad in (
        ("estimate.weight_missing", ~np.isfinite(given)),
        ("estimate.weight_negative", given < 0),
    ):
        if bad.any():
            first = int(np.flatnonzero(bad)[0])
            where = Where(source.name, None, table.rows[first], weight)
            told = {"column": weight, "count": int(bad.sum()), "value": f"{given[first]:g}"}
            problems.append(Problem(code, where, told))
    return problems


def empty_cells(
    table: ColumnTable, source: Path, columns: Sequence[str], code: str = "estimate.value_missing"
) -> list[Problem]:
    """Return a problem of a code for each column with empty cells, by the row of the first."""
    problems = []
    for name in dict.fromkeys(columns):
        bad = np.flatnonzero(np.isnan(np.array(table.numbers[name])))
        if bad.size:
            where = Where(source.name, None, table.rows[int(bad[0])], name)
            told = {"column": name, "count": int(bad.size)}
            problems.append(Problem(code, where, told))
    return problems


def limits(text: str) -> tuple[float, float] | None:
    """Return the bounds of a text such as 0.5,2; None for an empty one.

    Raises:
        ConfigError: it holds no two numbers.
    """
    if not text:
        return None
    try:
        low, high = (float(part) for part in text.replace("，", ",").split(","))
    except ValueError:
        raise ConfigError(Problem("estimate.bad_bounds_text", values={"text": text})) from None
    return low, high


@dataclass(frozen=True)
class Totals:
    """A table of known totals."""

    table: ColumnTable
    pairs: tuple[tuple[str, str], ...]
    file: str

    def controls(self, sample: ColumnTable) -> survey.Controls:
        """Return the controls for the records of a sample.

        Raises:
            MethodError: labels and totals that do not fit, margins that differ.
        """
        totals = self.table.numbers["total"]
        margins: dict[str, tuple[Any, dict[Any, float]]] = {}
        numeric: dict[str, tuple[Any, float]] = {}
        for (variable, label), total in zip(self.pairs, totals, strict=True):
            if label:
                margins.setdefault(variable, (np.array(sample.labels[variable]), {}))[1][label] = total
            else:
                numeric[variable] = (np.array(sample.numbers[variable]), total)
        errors = np.nan_to_num(np.array(self.table.numbers.get("standard_error", [0.0] * len(totals))))
        made = survey.margins(margins) if margins and not numeric else None
        if made is None:
            for variable, (labels, known) in margins.items():
                survey.margins({variable: (labels, known)})
                numeric |= {
                    f"{variable}={label}": ((labels == label).astype(float), total)
                    for label, total in known.items()
                }
            made = survey.controls(numeric)
        if not errors.any():
            return made
        return survey.estimated_controls(made, np.square(self._of(made, errors)))

    def ridge(self, known: survey.Controls) -> Any:
        """Return the importance of each control; infinity where the cell is empty.

        Raises:
            InputError: the table has no such column.
        """
        if "importance" not in self.table.numbers:
            raise InputError(Problem("estimate.ridge_without_importance", Where(file=self.file)))
        given = np.array(self.table.numbers["importance"])
        return self._of(known, np.where(np.isnan(given), np.inf, given))

    def _of(self, known: survey.Controls, values: Any) -> Any:
        """Return a column of the table in the order of the controls, which is not that of its rows."""
        by_name = {
            (f"{variable}={label}" if label else variable): value
            for (variable, label), value in zip(self.pairs, values.tolist(), strict=True)
        }
        return np.array([by_name[name] for name in known.names])


def read_totals(path: Path) -> Totals:
    """Return the table of known totals: variable, label, total, and standard_error and importance where there.

    Raises:
        InputError: what reading says; totals that stand there twice, are empty or negative, all at once.
    """
    wanted = {"variable": LABEL, "label": TEXT, "total": NUMBER}
    table = read_columns(path, wanted)
    more: dict[str, str] = {
        str(name): NUMBER for name in ("standard_error", "importance") if name in table.headings
    }
    if more:
        table = read_columns(path, {**wanted, **more})
    pairs = tuple(zip(table.labels["variable"], table.labels["label"], strict=True))
    if problems := _faulty_totals(table, pairs, path.name):
        raise InputError(*problems)
    return Totals(table, pairs, path.name)


def _faulty_totals(table: ColumnTable, pairs: Sequence[tuple[str, str]], file: str) -> list[Problem]:
    """Return what is wrong with a table of totals, by row: totals that stand there twice, are empty or negative."""
    problems: list[Problem] = []
    seen: dict[tuple[str, str], int] = {}
    errors = table.numbers.get("standard_error", [np.nan] * len(pairs))
    for row, pair, total, error in zip(table.rows, pairs, table.numbers["total"], errors, strict=True):
        name = f"{pair[0]}={pair[1]}" if pair[1] else pair[0]
        told = {"control": name, "first": seen.get(pair, 0), "total": f"{total:g}", "error": f"{error:g}"}
        for code, column, bad in (
            ("estimate.total_twice", "variable", pair in seen),
            ("estimate.total_missing", "total", np.isnan(total)),
            ("estimate.total_negative", "total", bool(pair[1]) and total < 0),
            ("estimate.total_error_negative", "standard_error", error < 0),
        ):
            if bad:
                problems.append(Problem(code, Where(file, None, row, column), told))
        seen.setdefault(pair, row)
    return problems


def deliver(
    output: Output,
    report: EstimateReport,
    *,
    to: Sequence[Path] | None,
    top: int,
    extra: Mapping[str, Any] | None = None,
) -> int:
    """Show a report on the screen or as JSON, write it to the files asked for. Returns the exit code."""
    written = [
        path for place in to or () for path in write_estimates(report, place, language=output.language)
    ]
    records = report.plain()
    output.json({"ok": True, **report.about(), "records": records, "files": written, **(extra or {})})
    if output.as_json:
        return 0
    place = 0 if output.language == "zh" else 1
    colon, stop = ("：", "；") if place == 0 else (": ", "; ")
    output.heading(report.title[place])
    columns = [code for code in report.columns if any(one.get(code) not in (None, "") for one in records)]
    figures = [
        at for at, code in enumerate(columns) if any(isinstance(one[code], int | float) for one in records)
    ]
    output.table(
        [report.columns[code][place] for code in columns],
        [[_foldable(cell) for cell in row] for row in cells(columns, records[:top], output.language)],
        right=figures, whole=figures,
    )  # fmt: skip
    if len(records) > top:
        output.say(output.text("estimate.more", count=len(records) - top), style="dim")
    output.say(f"{output.text('estimate.method')}{colon}{report.method[place]}", style="dim")
    settings = stop.join(f"{name} {value}" for name, value in setting_lines(report.settings, output.language))
    output.say(f"{output.text('estimate.settings')}{colon}{settings}", style="dim")
    for note in report.notes:
        output.say(note[place], style="dim")
    for origin in report.origins:
        output.say(f"{output.text('source')}{colon}{origin.file} · {(origin.sha256 or '')[:12]}", style="dim")
    for path in written:
        output.say(output.text("export.written", path=path))
    return 0


def _foldable(cell: str) -> str:
    """Return a cell in which the name of a model, [a,b][c,d], may be broken between its terms."""
    return cell.replace("][", "] [")


def grouped(labels: Sequence[str]) -> Any:
    """Return labels as an array that sorts as its reader expects: whole numbers, where all are, by size."""
    if all(label.isascii() and label.isdigit() and str(int(label)) == label for label in set(labels)):
        return np.array([int(label) for label in labels])
    return np.array(labels)


def picked(codes: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return the columns of some codes, in order."""
    return {code: COLUMNS[code] for code in codes}
