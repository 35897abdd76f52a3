"""lvshu match fit: weights and probabilities fitted to the reviews."""

from __future__ import annotations

from pathlib import Path

from lvshu.cli.commands.desk.common import desk_of, record
from lvshu.cli.console import Output
from lvshu.finance.match_desk.fitting import Fit, Measures, fit_answers
from lvshu.finance.match_desk.keeping import forget_fit, keep_fit
from lvshu.linkage.names.learn import ENOUGH
from lvshu.linkage.names.measure import Estimate

ESTIMATES = ("precision", "recall", "precision_by_amount")


def execute(
    *, language: str, as_json: bool, dry_run: bool, force: bool, forget: bool, workspace: Path
) -> int:
    """Fit, tell how well, and keep it where it is better. Returns the exit code."""
    output = Output(language, as_json)
    with desk_of(workspace) as desk:
        if forget:
            gone = forget_fit(desk.workspace)
            output.json({"ok": True, "forgotten": list(gone)})
            key = "match.fit.forgotten" if gone else "match.fit.nothing"
            output.say(output.text(key, packs=", ".join(gone)))
            return 0
        made = fit_answers(desk)
        kept = (
            ()
            if dry_run or not (made.better or force)
            else keep_fit(desk.workspace, made, desk.clock().date())
        )
    output.json(
        {"ok": True, "run": made.run_id, "names": dict(made.names), "answered": dict(made.judged),
         "answered_in_part": made.partly, "with_a_company": made.accepted, "packaged": record(made.before),
         "fitted": record(made.after), "gain": {"value": made.gain, "standard_error": made.gain_error},
         "better": made.better, "scripts": list(made.learned.scripts),
         "calibrated": made.learned.calibration is not None, "packs": list(kept)}
    )  # fmt: skip
    if not as_json:
        _show(output, made)
        if kept:
            output.say(output.text("match.fit.kept", packs=", ".join(f"packs/{path.name}" for path in kept)))
        else:
            output.say(output.text("match.fit.dry" if dry_run else "match.fit.not_kept"), style="yellow")
    return 0


def _show(output: Output, made: Fit) -> None:
    judged = {f"judged_{kind}": count for kind, count in made.judged.items()}
    output.say(output.text("match.fit.names", partly=made.partly, **made.names, **judged))
    rows = [
        (
            output.text(f"match.fit.{name}"),
            *(_told(output, getattr(one, name)) for one in (made.before, made.after)),
        )
        for name in ESTIMATES
    ]
    rows.append((output.text("match.fit.loss"), *(_loss(one) for one in (made.before, made.after))))
    rows.append(
        (output.text("match.fit.calibration_error"), f"{made.before.calibration_error:.3f}",
         f"{made.after.calibration_error:.3f}")
    )  # fmt: skip
    output.table([output.text(f"match.fit.{name}") for name in ("measure", "before", "after")], rows)
    output.say(output.text("match.fit.gain", gain=made.gain, error=made.gain_error))
    blind = [kind for kind, count in made.names.items() if count and not made.judged[kind]]
    if blind:
        kinds = ", ".join(output.text(f"match.kind.{kind}") for kind in blind)
        output.say(output.text("match.fit.blind", kinds=kinds), style="yellow")
    output.say(output.text("match.fit.assumption"), style="dim")
    output.say(output.text("match.fit.scripts", scripts=", ".join(made.learned.scripts)))
    if not made.learned.none_known:
        output.say(output.text("match.fit.no_none"), style="yellow")
    else:
        calibrated = made.learned.calibration is not None
        output.say(
            output.text("match.fit.calibrated" if calibrated else "match.fit.uncalibrated", enough=ENOUGH)
        )


def _told(output: Output, one: Estimate) -> str:
    if one.value is None:
        return output.text("match.fit.unknown")
    error = "–" if one.standard_error is None else f"{one.standard_error:.3f}"
    return output.text(
        "match.fit.estimate", value=one.value, error=error, low=one.low, high=one.high, judged=one.judged
    )


def _loss(one: Measures) -> str:
    return f"{one.loss:.4f} (± {one.loss_error:.4f})"
