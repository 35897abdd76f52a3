"""Keeps a fit as packs of the workspace, so that the next run uses it; and says which weights are in use."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

from lvshu.catalog.pack_library import PACKAGED, PackLibrary
from lvshu.finance.match_desk.fitting import CALIBRATION, WEIGHTS, Fit
from lvshu.linkage.names.learn import steps_of
from lvshu.linkage.names.measure import Estimate
from lvshu.linkage.names.scoring import EVIDENCE
from lvshu.store.disk import write_durably
from lvshu.store.workspace import Workspace

CARD, DATA = "pack.toml", "data.csv"


def keep_fit(workspace: Workspace, fit: Fit, on: date) -> tuple[Path, ...]:
    """Return the folders of the packs that were written; an earlier fit is kept beside them, under `packs/.earlier`.

    Args:
        workspace: the workspace.
        fit: the fit.
        on: the day of the fit.

    Raises:
        OSError: a file cannot be written.
    """
    zh, en = told(fit)
    judged = sum(fit.judged.values())
    changes = {
        "document_number": "lvshu match fit", "clause": f"{judged} answered names, run {fit.run_id}",
        "published": on.isoformat(), "completeness": "partial", "completeness_note_zh": zh,
        "completeness_note_en": en, "issuer": "本工作区 / this workspace",
        "source": f"lvshu match fit：{judged} 个有复核意见的名称 / {judged} names with a reviewer's answer",
        "licence": "本工作区自用 / of this workspace",
    }  # fmt: skip
    weights = [
        (script, name, f"{value:.6f}")
        for script, values in fit.learned.weights.sets().items()
        for name, value in zip(EVIDENCE, values, strict=True)
    ]
    calibration = fit.learned.calibration
    points: Sequence[tuple[object, ...]] = steps_of(calibration) if calibration else ((0, 0), (1, 1))
    return (
        _keep(workspace, WEIGHTS, changes, ("script", "evidence", "weight"), weights),
        _keep(workspace, CALIBRATION, changes, ("probability", "calibrated"), points),
    )


def forget_fit(workspace: Workspace) -> tuple[str, ...]:
    """Return the packs that were set aside: the next run uses those of the program again."""
    return tuple(pack for pack in (WEIGHTS, CALIBRATION) if _set_aside(workspace.user_packs / pack))


def in_use(library: PackLibrary) -> dict[str, str]:
    """Return which weights and calibration a run would use: origin by pack, with the source of the weights."""
    packs = {pack: library[pack] for pack in (WEIGHTS, CALIBRATION)}
    found = {pack: one.origin for pack, one in packs.items()}
    card = packs[WEIGHTS].card
    return {
        **found,
        "source": card.source or "",
        "zh": card.completeness_note_zh,
        "en": card.completeness_note_en,
    }


def told(fit: Fit) -> tuple[str, str]:
    """Return the measures of a fit in a sentence, in Chinese and English."""
    after = fit.after
    zh = (
        f"留出检验：查准率 {_share(after.precision, 'zh')}，查全率 {_share(after.recall, 'zh')}，"
        f"校准误差 {after.calibration_error:.3f}，平均对数损失比随包权重少 {fit.gain:.3f}"
        f"（标准误 {fit.gain_error:.3f}）。"
    )
    en = (
        f"On names left out of the fit: precision {_share(after.precision, 'en')}, "
        f"recall {_share(after.recall, 'en')}, "
        f"calibration error {after.calibration_error:.3f}, mean log loss {fit.gain:.3f} below the packaged weights' "
        f"(standard error {fit.gain_error:.3f})."
    )
    return zh, en


def _share(one: Estimate, language: str) -> str:
    if one.value is None or one.low is None or one.high is None:
        return "无从得知" if language == "zh" else "not known"
    error = "–" if one.standard_error is None else f"{one.standard_error:.3f}"
    if language == "zh":
        return (
            f"{one.value:.3f}（标准误 {error}，95% 区间 {one.low:.3f}–{one.high:.3f}，{one.judged} 个名称）"
        )
    interval = f"95 % interval {one.low:.3f} to {one.high:.3f}"
    return f"{one.value:.3f} (standard error {error}, {interval}, {one.judged} names)"


def _keep(
    workspace: Workspace,
    pack: str,
    changes: Mapping[str, str],
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
) -> Path:
    folder = workspace.user_packs / pack
    _set_aside(folder)
    folder.mkdir(parents=True)
    card = (PACKAGED / pack / CARD).read_text(encoding="utf-8")
    for name, value in changes.items():
        line = f"{name} = {json.dumps(value, ensure_ascii=False)}"
        card = re.sub(rf"(?m)^{name} = .*$", line.replace("\\", r"\\"), card, count=1)
    write_durably(folder / CARD, card)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    write_durably(folder / DATA, stream.getvalue())
    return folder


def _set_aside(folder: Path) -> bool:
    if not folder.is_dir():
        return False
    earlier = folder.parent / ".earlier"
    earlier.mkdir(exist_ok=True)
    number = 1 + sum(one.name.startswith(f"{folder.name}-") for one in earlier.iterdir())
    shutil.move(folder, earlier / f"{folder.name}-{number}")
    return True
