"""lvshu desk card: everything that is known of one enterprise."""

from __future__ import annotations

from pathlib import Path

from lvshu.cli.allowed import heading_of, label_of, names_of
from lvshu.cli.commands.desk.common import desk_of, record, role_name, state_name
from lvshu.cli.console import Output
from lvshu.finance.workflow.card import Card, card_of
from lvshu.finance.workflow.desk import Desk


def execute(*, language: str, as_json: bool, client: str, institution: str, workspace: Path) -> int:
    """Print the card. Returns the exit code."""
    output = Output(language, as_json)
    with desk_of(workspace) as desk:
        card = card_of(desk, client, institution)
        output.json({"ok": True, **record(card)})
        if not as_json:
            _show(output, desk, card)
            _show_desk(output, desk, card)
    return 0


def _show(output: Output, desk: Desk, card: Card) -> None:
    output.say(f"{card.uscc} {card.name} · {card.run_id}", style="bold")
    if card.institution:
        output.say(output.text("desk.of_institution", institution=card.institution), style="dim")
    if card.other_codes:
        output.say(output.text("desk.other_codes", codes=", ".join(card.other_codes)), style="yellow")
    _show_accounts(output, desk, card)
    scopes = names_of("loan_scope", "scope_status", output.language)
    output.heading(output.text("desk.loans_by_branch"))
    output.table(
        [
            output.text(f"desk.{name}")
            for name in ("method", "branch", "scope", "count", "exposure", "outstanding")
        ],
        [
            (
                label_of("method", row["method"], output.language),
                row["branch"],
                scopes[row["status"]],
                row["loans"],
                row["exposure"],
                row["outstanding_amount"],
            )
            for row in card.loans
        ],
        right=(3, 4, 5),
    )
    if card.emissions:
        output.heading(output.text("desk.entity"))
        heads = ("method", "code", "calculation", "score", "emission", "scope1", "scope2", "scope3")
        output.table(
            [output.text(f"desk.{name}") for name in heads],
            [
                (label_of("method", row["method"], output.language), row["subject_id"],
                 label_of("calculation", row["calculation_method"], output.language), row["quality_score"],
                 row["emission"], row["scope1"], row["scope2"], row["scope3"])
                for row in card.emissions
            ],
            right=(3, 4, 5, 6, 7),
        )  # fmt: skip
    if card.financed:
        output.heading(output.text("desk.financed"))
        output.table(
            [
                output.text(f"desk.{name}")
                for name in ("method", "calculation", "count", "exposure", "financed")
            ],
            [
                (
                    label_of("method", row["method"], output.language),
                    label_of("calculation", row["calculation_method"], output.language),
                    row["loans"],
                    row["exposure"],
                    row["emission"],
                )
                for row in card.financed
            ],
            right=(2, 3, 4),
        )


def _show_accounts(output: Output, desk: Desk, card: Card) -> None:
    if card.accounts:
        output.heading(output.text("desk.accounts"))
        basis = names_of("enterprise_carbon_account", "basis", output.language)
        heads = ("year", "basis", "state", "calculation", "score", "emission", "scope1", "scope2", "scope3",
                 "outstanding", "financed", "share", "source_run")  # fmt: skip
        output.table(
            [output.text(f"desk.{name}") for name in heads],
            [
                (str(row["year"]), basis[row["basis"]],
                 state_name(desk, str(row["desk_state"]), output) if row["desk_state"] else "",
                 label_of("calculation", row["calculation_method"], output.language), row["quality_score"],
                 row["emission"], row["scope1"], row["scope2"], row["scope3"], row["outstanding_amount"],
                 row["financed_emission"],
                 None if row["carried_share"] is None else f"{row['carried_share']:.2%}", row["source_run"])
                for row in card.accounts
            ],
            right=(4, 5, 6, 7, 8, 9, 10, 11),
        )  # fmt: skip
    if len(card.account_versions) > 1:
        output.heading(output.text("desk.account_versions"))
        output.table(
            [output.text(f"desk.{name}") for name in ("run", "year", "calculation", "emission", "financed", "changed")],
            [
                (row["run"], str(row["year"]), label_of("calculation", row["calculation_method"], output.language),
                 row["emission"], row["financed_emission"],
                 ", ".join(heading_of("enterprise_carbon_account", name, output.language) for name in row["changed"]))
                for row in card.account_versions
            ],
            right=(3, 4),
        )  # fmt: skip


def _show_desk(output: Output, desk: Desk, card: Card) -> None:
    output.heading(output.text("desk.states"))
    output.table(
        [output.text(f"desk.{name}") for name in ("client", "state", "branch", "when", "user")],
        [
            (
                row["client"],
                state_name(desk, str(row["state"]), output),
                row["branch"],
                row["since"],
                row["user"],
            )
            for row in card.states
        ],
    )
    if card.versions:
        output.heading(output.text("desk.versions"))
        for one in card.versions:
            status = output.text(f"desk.{one.back.status}")
            output.say(
                f"{one.form.form_id} · {one.back.version} · {status} · {one.back.taken_at} · {one.back.taken_by} · "
                f"{one.back.file}"
            )
            for file in one.back.content.get("attachments") or ():
                size = f"{file['bytes']:,} B" if "bytes" in file else output.text("desk.attachment_absent")
                output.say(f"  {output.text('desk.attachment')} {file['name']} · {size}", style="dim")
            if not one.differences:
                continue
            output.table(
                [output.text(f"desk.{name}") for name in ("field", "before", "after")],
                [(row["field"], row["before"], row["after"]) for row in one.differences],
            )
    output.heading(output.text("desk.history"))
    output.table(
        [output.text(f"desk.{name}") for name in ("when", "client", "from", "to", "user", "role", "note")],
        [
            (one.moment, one.client, state_name(desk, one.from_state, output), state_name(desk, one.to_state, output),
             one.user, role_name(one.role, output), one.note)
            for one in card.history
        ],
    )  # fmt: skip
