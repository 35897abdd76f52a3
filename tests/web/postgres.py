"""A PostgreSQL server of the tests' own: in a temporary folder, started as an ordinary user, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

VERSIONS = ("17", "16", "15", "14", "13")
USER, PASSWORD = "lvshu", "only-for-this-test"


def binaries() -> Path:
    """Return the folder of the server's programs; skip where there is none."""
    for version in VERSIONS:
        place = Path(f"/usr/lib/postgresql/{version}/bin")
        if (place / "initdb").is_file():
            return place
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    pytest.skip("no PostgreSQL server on this machine (Debian: apt install postgresql)")


def ordinary_user() -> int | None:
    """Return the user that the server runs as: None for ourselves; it refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    pytest.skip("PostgreSQL does not run as root, and there is no other user here")


def serve(folder: Path) -> Iterator[str]:
    """Give the URL of a server on a free port of this machine."""
    programs, user = binaries(), ordinary_user()
    pytest.importorskip(
        "pg8000", reason="the extra `postgres` is not installed: pip install 'lvshu[postgres]'"
    )
    data = folder / "data"
    secret = folder / "password"
    secret.write_text(PASSWORD, encoding="utf-8")
    if user is not None:
        for place in (folder, secret):
            os.chown(place, user, -1)
        for parent in folder.parents:  # the folders above are the tests' own; the server must be able to pass
            if (
                parent.owner() == pwd.getpwuid(os.geteuid()).pw_name
                and parent != Path("/")
                and parent != Path("/tmp")
            ):
                parent.chmod(parent.stat().st_mode | 0o011)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(*words: str) -> None:
        done = subprocess.run(
            words,
            user=user,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            env={"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]},
        )
        if done.returncode:
            pytest.skip(f"PostgreSQL did not start here: {(done.stdout + done.stderr)[-300:]}")

    run(
        str(programs / "initdb"),
        "-D",
        str(data),
        "-U",
        USER,
        "--pwfile",
        str(secret),
        "-A",
        "scram-sha-256",
        "-E",
        "UTF8",
        "--no-sync",
    )
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
    run(str(programs / "pg_ctl"), "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start")
    try:
        yield f"postgresql+pg8000://{USER}:{PASSWORD}@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run(
            [str(programs / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop"],
            user=user,
            cwd=folder,
            capture_output=True,
            check=False,
        )
