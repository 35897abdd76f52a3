"""lvshu serve: the book as pages in a browser."""

from __future__ import annotations

import logging
import os
import socket
import threading
import webbrowser
from pathlib import Path

from lvshu.cli.commands.run import has_screen
from lvshu.cli.console import Output
from lvshu.core.errors import Problem, StoreError

MISSING = ("fastapi", "uvicorn", "sqlalchemy", "argon2")


def execute(
    *,
    language: str,
    as_json: bool,
    path: Path,
    host: str,
    port: int,
    database: str,
    names: tuple[str, ...],
    login: bool,
    secure_cookies: bool,
    trusted_proxies: tuple[str, ...],
    open_browser: bool,
) -> int:
    """Serve until stopped. Returns the exit code.

    Raises:
        ConfigError: a trusted proxy is no address.
        StoreError: the address is taken, the extra `web` is not installed, or the database cannot be reached.
    """
    output = Output(language, as_json)
    try:
        import uvicorn

        from lvshu.web import WebOptions, create_app
        from lvshu.web.warm import first_page, prepare, warm
    except ModuleNotFoundError as error:
        raise StoreError(Problem("web.extra_missing", values={"module": error.name or "?"})) from error
    with _bound(host, port) as place:
        options = WebOptions(
            path,
            host=host,
            port=place.getsockname()[1],
            database=database or os.environ.get("LVSHU_DATABASE", ""),
            names=names,
            login=login,
            secure_cookies=secure_cookies,
            trusted_proxies=trusted_proxies or _listed(os.environ.get("LVSHU_TRUSTED_PROXY", "")),
        )
        prepare()
        app = create_app(options)  # where no proxy is named here, those of lvshu.toml are trusted
        first_page(app.state.workbench)
        url = f"http://{_shown(host)}:{options.port}/?lang={language}"
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, server_header=False, proxy_headers=False
        )
        threading.Thread(target=warm, args=(app.state.workbench,), name="lvshu-warm", daemon=True).start()
        output.json({"ok": True, "url": url, "login": options.needs_login})
        output.say(output.text("serve.ready", url=url))
        if options.needs_login:
            output.say(output.text("serve.login_demanded", host=host), style="yellow")
        output.say(output.text("serve.stop"), style="dim")
        if open_browser and not as_json and has_screen():
            threading.Timer(0.8, webbrowser.open, (url,)).start()
        uvicorn.Server(config).run(sockets=[place])
        return 0


def _listed(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.split(",") if one.strip())


def _bound(host: str, port: int) -> socket.socket:
    """Return a socket bound to the address, so that a free port is known before anything else is done."""
    kind = socket.AF_INET6 if ":" in host else socket.AF_INET
    place = socket.socket(kind, socket.SOCK_STREAM)
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        place.bind((host, port))
        place.listen(128)  # whoever comes before the first answer waits instead of being turned away
    except OSError as error:
        place.close()
        values = {"host": host, "port": port, "reason": error.strerror or str(error)}
        raise StoreError(Problem("web.address_taken", values=values)) from error
    return place


def _shown(host: str) -> str:
    if host in ("0.0.0.0", "::"):
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host
