"""The commands and their options, built in the language asked for.

This module does not postpone annotations: the options' help texts in them depend on the language.
"""

import re
from collections.abc import Callable
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer import rich_utils
from typer.core import TyperCommand, TyperGroup

from lvshu.cli.accounts_app import add_accounts
from lvshu.cli.code_app import add_code
from lvshu.cli.declared import one_folder
from lvshu.cli.desk_app import add_desk
from lvshu.cli.disclose_app import add_disclose
from lvshu.cli.edit_app import add_edit, add_forms
from lvshu.cli.estimate_app import add_estimate
from lvshu.cli.match_app import add_match
from lvshu.cli.register_app import add_register
from lvshu.cli.series_app import add_series
from lvshu.cli.shells import for_the_shell_in_use
from lvshu.cli.texts import text
from lvshu.cli.users_app import add_users

_ADDED = (
    add_accounts, add_desk, add_code, add_match, add_register, add_disclose, add_users, add_series, add_estimate,
    add_edit, add_forms,
)  # fmt: skip


class EngineName(StrEnum):
    """What computes."""

    duckdb = "duckdb"
    spark = "spark"


class ExportFormat(StrEnum):
    """What tables are written as."""

    xlsx = "xlsx"
    csv = "csv"
    parquet = "parquet"
    json = "json"
    html = "html"
    sdmx = "sdmx"
    quality = "quality"


class FilingFormat(StrEnum):
    """What a report is written as."""

    docx = "docx"
    json = "json"
    xlsx = "xlsx"


_NEGATIVE = re.compile(r"-[\d.,]+([eE][+-]?\d+)?")


class Stop(Exception):  # noqa: N818
    """Ends a command with an exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def _execute(command: str, **options: Any) -> None:
    """Run a command's module, which is imported only now."""
    code = import_module(f"lvshu.cli.commands.{command}").execute(**options)
    if code:
        raise Stop(code)


def _classes(language: str) -> tuple[type[TyperCommand], type[TyperGroup]]:
    """Return command classes whose help pages speak a language."""

    class Command(TyperCommand):
        def parse_args(self, ctx: Any, args: list[str]) -> Any:
            # no option is a number: "-5" is a value, and the command says whether it may be one
            known = {name for parameter in self.get_params(ctx) for name in parameter.opts}
            strange = [one for one in args if one.startswith("-") and one.split("=")[0] not in known]
            if strange and all(_NEGATIVE.fullmatch(one) for one in strange):
                ctx.ignore_unknown_options = True
            return super().parse_args(ctx, args)

        def get_usage(self, ctx: Any) -> str:
            return super().get_usage(ctx).replace("Usage:", text("word.usage", language), 1)

        def get_help_option(self, ctx: Any) -> Any:
            return _translated(super().get_help_option(ctx), language)

    class Group(TyperGroup):
        def get_usage(self, ctx: Any) -> str:
            return super().get_usage(ctx).replace("Usage:", text("word.usage", language), 1)

        def get_help_option(self, ctx: Any) -> Any:
            return _translated(super().get_help_option(ctx), language)

        def get_params(self, ctx: Any) -> list[Any]:
            found: list[Any] = list(super().get_params(ctx))
            for parameter in found:
                for word in ("install", "show"):
                    if f"--{word}-completion" in parameter.opts:
                        parameter.help = text(f"completion.{word}", language)
                        for_the_shell_in_use(parameter)
            return found

    return Command, Group


def _translated(option: Any, language: str) -> Any:
    if option is not None:
        option.help = text("help", language)
    return option


def _name_panels(language: str) -> None:
    rich_utils.OPTIONS_PANEL_TITLE = text("word.options", language)
    rich_utils.ARGUMENTS_PANEL_TITLE = text("word.arguments", language)
    rich_utils.COMMANDS_PANEL_TITLE = text("word.commands", language)
    rich_utils.DEFAULT_STRING = text("word.default", language)
    rich_utils.REQUIRED_LONG_STRING = text("word.required", language)


def _show_version(wanted: bool) -> None:
    if wanted:
        from lvshu import __version__

        typer.echo(f"lvshu {__version__}")
        raise typer.Exit


def build_app(language: str) -> typer.Typer:
    """Return the program with all help texts in a language, "zh" or "en"."""

    def t(key: str) -> str:
        return text(key, language)

    _name_panels(language)
    command_class, group_class = _classes(language)
    app = typer.Typer(
        name="lvshu",
        cls=group_class,
        help=t("app"),
        no_args_is_help=True,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        options_metavar=t("word.options_metavar"),
        subcommand_metavar=t("word.command_metavar"),
        context_settings={"help_option_names": ["--help", "-h"]},
    )

    def command(name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
        return app.command(name, cls=command_class, help=t(name), options_metavar=t("word.options_metavar"))

    # --json and --lang are taken out of the arguments before parsing (they may stand anywhere); here they are
    # declared so that help and completion know them.
    json_option = Annotated[bool, typer.Option("--json", help=t("json"))]
    lang_option = Annotated[str, typer.Option("--lang", help=t("lang"), show_default=False, metavar="zh|en")]
    workspace_option = Annotated[
        Path | None, typer.Option("--workspace", "-w", help=t("workspace"), show_default=False)
    ]
    folder_argument = Annotated[Path | None, typer.Argument(help=t("workspace"), show_default=False)]
    run_option = Annotated[str | None, typer.Option("--run", help=t("run.id"), show_default=False)]

    @app.callback()
    def root(
        version: Annotated[
            bool, typer.Option("--version", help=t("version"), callback=_show_version, is_eager=True)
        ] = False,
        lang: lang_option = "",
        json: json_option = False,
    ) -> None: ...

    @command("new")
    def new(
        path: Annotated[Path, typer.Argument(help=t("new.path"))] = Path(),
        sample: Annotated[bool, typer.Option("--sample", help=t("new.sample"))] = False,
        scale: Annotated[str, typer.Option("--scale", help=t("new.scale"))] = "1:1000",
        seed: Annotated[int | None, typer.Option("--seed", help=t("new.seed"), show_default=False)] = None,
        area: Annotated[str, typer.Option("--area", help=t("new.area"), show_default=False)] = "",
        year: Annotated[int | None, typer.Option("--year", help=t("new.year"), show_default=False)] = None,
        name: Annotated[str, typer.Option("--name", help=t("new.name"), show_default=False)] = "",
        files: Annotated[
            list[Path] | None, typer.Option("--input", help=t("new.input"), show_default=False)
        ] = None,
        template: Annotated[str, typer.Option("--template", help=t("new.template"), show_default=False)] = "",
        lang: lang_option = "",
        json: json_option = False,
    ) -> None:
        _execute(
            "new",
            language=lang or language,
            as_json=json,
            path=path,
            sample=sample,
            scale=scale,
            seed=seed,
            area=area,
            year=year,
            name=name,
            files=tuple(files or ()),
            template=template,
        )

    @command("run")
    def run(
        path: Annotated[Path, typer.Argument(help=t("path"))] = Path(),
        engine: Annotated[
            EngineName | None, typer.Option("--engine", help=t("run.engine"), show_default=False)
        ] = None,
        open_report: Annotated[bool, typer.Option("--open/--no-open", help=t("run.open"))] = True,
        again: Annotated[bool, typer.Option("--again", help=t("run.again"))] = False,
        accept: Annotated[bool, typer.Option("--accept-problems", help=t("run.accept"))] = False,
        lang: lang_option = "",
        json: json_option = False,
    ) -> None:
        _execute(
            "run",
            language=lang or language,
            as_json=json,
            path=path,
            engine=engine.value if engine else None,
            open_report=open_report,
            again=again,
            accept=accept,
        )

    @command("check")
    def check(
        path: Annotated[Path, typer.Argument(help=t("path"))] = Path(),
        lang: lang_option = "",
        json: json_option = False,
    ) -> None:
        _execute("check", language=lang or language, as_json=json, path=path)

    @command("explain")
    def explain(
        target: Annotated[str, typer.Argument(help=t("explain.target"))],
        folder: folder_argument = None,
        where: Annotated[
            str | None, typer.Option("--where", help=t("explain.where"), show_default=False)
        ] = None,
        rows: Annotated[int, typer.Option("--rows", min=1, help=t("explain.rows"))] = 5,
        institution: Annotated[
            str, typer.Option("--institution", help=t("own.institution"), show_default=False)
        ] = "",
        run_id: run_option = None,
        workspace: workspace_option = None,
        lang: lang_option = "",
        json: json_option = False,
    ) -> None:
        _execute(
            "explain",
            language=lang or language,
            as_json=json,
            path=one_folder(workspace, folder),
            target=target,
            where=where,
            rows=rows,
            run_id=run_id,
            institution=institution,
        )

    @command("packs")
    def packs(
        pack: Annotated[str, typer.Argument(help=t("packs.id"), show_default=False)] = "",
        check_all: Annotated[bool, typer.Option("--check", help=t("packs.check"))] = False,
        rows: Annotated[bool, typer.Option("--rows", help=t("packs.rows"))] = False,
        find: Annotated[str, typer.Option("--find", help=t("packs.find"), show_default=False)] = "",
        workspace: workspace_option = None,
        lang: lang_option = "",
        json: json_option = False,
    ) -> None:
        _execute(
            "packs",
            language=lang or language,
            as_json=json,
            path=workspace or Path(),
            pack=pack,
            check_all=check_all,
            rows=rows,
            find=find,
        )

    @command("compare")
    def compare(
        folder: folder_argument = None,
        old: Annotated[str, typer.Argument(help=t("compare.old"), show_default=False)] = "",
        new_run: Annotated[str, typer.Argument(help=t("compare.new"), show_default=False)] = "",
        workspace: workspace_option = None,
        lang: lang_option = "",
        json: json_option = False,
    ) -> None:
        if folder is not None and not folder.is_dir() and not new_run:  # `lvshu compare OLD NEW`
            folder, old, new_run = None, str(folder), old
        path = one_folder(workspace, folder)
        _execute("compare", language=lang or language, as_json=json, path=path, old=old, new=new_run)

    @command("export")
    def export(
        folder: folder_argument = None,
        form: Annotated[ExportFormat, typer.Option("--format", help=t("export.format"))] = ExportFormat.xlsx,
        tables: Annotated[
            list[str] | None, typer.Option("--table", help=t("export.table"), show_default=False)
        ] = None,
        own: Annotated[bool, typer.Option("--own/--no-own", help=t("export.own"))] = True,
        to: Annotated[Path | None, typer.Option("--to", help=t("export.to"), show_default=False)] = None,
        institution: Annotated[
            str, typer.Option("--institution", help=t("own.institution"), show_default=False)
        ] = "",
        agency: Annotated[str, typer.Option("--agency", help=t("export.agency"))] = "LVSHU",
        run_id: run_option = None,
        workspace: workspace_option = None,
        lang: lang_option = "",
        json: json_option = False,
    ) -> None:
        _execute(
            "export",
            language=lang or language,
            as_json=json,
            path=one_folder(workspace, folder),
            form=form.value,
            tables=tuple(tables or ()),
            own=own,
            to=to,
            run_id=run_id,
            institution=institution,
            agency=agency,
        )

    @command("headlines")
    def headlines(
        folder: folder_argument = None,
        institution: Annotated[
            str, typer.Option("--institution", help=t("own.institution"), show_default=False)
        ] = "",
        run_id: run_option = None,
        workspace: workspace_option = None,
        lang: lang_option = "",
        json: json_option = False,
    ) -> None:
        path = one_folder(workspace, folder)
        _execute(
            "headlines",
            language=lang or language,
            as_json=json,
            path=path,
            run_id=run_id,
            institution=institution,
        )

    @command("runs")
    def runs(
        folder: folder_argument = None,
        workspace: workspace_option = None,
        lang: lang_option = "",
        json: json_option = False,
    ) -> None:
        path = one_folder(workspace, folder)
        _execute("runs", language=lang or language, as_json=json, path=path)

    @command("get")
    def get(
        dataset: Annotated[str, typer.Argument(help=t("get.dataset"), show_default=False)] = "",
        to: Annotated[Path, typer.Option("--to", "-o", help=t("get.to"), show_default=False)] = Path(),
        yes: Annotated[bool, typer.Option("--yes", help=t("get.yes"))] = False,
        lang: lang_option = "",
        json: json_option = False,
    ) -> None:
        _execute(
            "get",
            language=lang or language,
            as_json=json,
            dataset=dataset,
            to=to,
            list_only=not dataset,
            yes=yes,
        )

    @command("file")
    def file(
        report: Annotated[str, typer.Argument(help=t("file.report"))],
        folder: folder_argument = None,
        institution: Annotated[
            str, typer.Option("--institution", help=t("file.institution"), show_default=False)
        ] = "",
        forms: Annotated[
            list[FilingFormat] | None, typer.Option("--format", help=t("file.format"), show_default=False)
        ] = None,
        what_if: Annotated[
            list[str] | None, typer.Option("--what-if", help=t("file.what_if"), show_default=False)
        ] = None,
        to: Annotated[Path | None, typer.Option("--to", help=t("file.to"), show_default=False)] = None,
        run_id: run_option = None,
        workspace: workspace_option = None,
        lang: lang_option = "",
        json: json_option = False,
    ) -> None:
        _execute(
            "file",
            language=lang or language,
            as_json=json,
            report=report,
            path=one_folder(workspace, folder),
            institution=institution,
            forms=tuple(form.value for form in forms or ()),
            what_if=tuple(what_if or ()),
            to=to,
            run_id=run_id,
        )

    @command("serve")
    def serve(
        path: Annotated[Path, typer.Argument(help=t("path"))] = Path(),
        host: Annotated[str, typer.Option("--host", help=t("serve.host"))] = "127.0.0.1",
        port: Annotated[int, typer.Option("--port", min=0, max=65535, help=t("serve.port"))] = 8765,
        database: Annotated[
            str, typer.Option("--database", help=t("serve.database"), show_default=False)
        ] = "",
        names: Annotated[
            list[str] | None, typer.Option("--name", help=t("serve.name"), show_default=False)
        ] = None,
        login: Annotated[bool, typer.Option("--login", help=t("serve.login"))] = False,
        secure_cookies: Annotated[bool, typer.Option("--secure-cookies", help=t("serve.secure"))] = False,
        trusted_proxies: Annotated[
            list[str] | None, typer.Option("--trusted-proxy", help=t("serve.proxy"), show_default=False)
        ] = None,
        open_browser: Annotated[bool, typer.Option("--open/--no-open", help=t("serve.open"))] = True,
        lang: lang_option = "",
        json: json_option = False,
    ) -> None:
        _execute(
            "serve",
            language=lang or language,
            as_json=json,
            path=path,
            host=host,
            port=port,
            database=database,
            names=tuple(names or ()),
            login=login,
            secure_cookies=secure_cookies,
            trusted_proxies=tuple(trusted_proxies or ()),
            open_browser=open_browser,
        )

    for add in _ADDED:
        add(app, (command_class, group_class), language, t, _execute)
    return app
