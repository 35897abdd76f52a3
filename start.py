#!/usr/bin/env python3
"""First run on a bare machine: Python 3.11 or later with pip, nothing else.

    python3 start.py            make the environment, write the sample city, run the book, open the report
    python3 start.py test       run the tests (further words go to pytest)
    python3 start.py bench X    run benchmark X (--size small|full, --json)
    python3 start.py setup      only make the environment
    python3 start.py -- ARGS    run `lvshu ARGS` in the environment

Options of the first form: --no-open, --scale N, --lang zh|en, --workspace FOLDER.
Only the standard library is used here. What is installed is locked by hash in requirements.lock.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import time
import venv
from pathlib import Path

HOME = Path(__file__).resolve().parent
ENVIRONMENT = HOME / ".venv"
WINDOWS = os.name == "nt"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if WINDOWS else "bin/python")
COMMAND = ENVIRONMENT / ("Scripts/lvshu.cmd" if WINDOWS else "bin/lvshu")
OLDEST = (3, 11)
ROOM_NEEDED = 1_500_000_000

TEXTS = {
    "old": (
        "需要 Python 3.11 或更高版本；现在是 {found}。请安装后再运行：python3.11 start.py",
        "Python 3.11 or later is needed; this is {found}. Install it, then run: python3.11 start.py",
    ),
    "room": (
        "磁盘只剩 {free:.1f} GB，环境约需 1 GB。请腾出空间后再运行。",
        "Only {free:.1f} GB of disk are free and the environment takes about 1 GB. Free some space and run again.",
    ),
    "install": (
        "正在安装 {count} 个锁定散列值的软件包到 {folder} …",
        "Installing {count} hash-locked packages into {folder} …",
    ),
    "ready": ("环境就绪，用时 {seconds:.0f} 秒。", "The environment is ready, after {seconds:.0f} s."),
    "failed": (
        "安装没有成功（见上）。检查网络或镜像设置（PIP_INDEX_URL），再运行同一命令；已下载的不会重来。",
        "The installation failed (see above). Check the network or your mirror (PIP_INDEX_URL) and run the same "
        "command again.",
    ),
    "no_pip": (
        "这个 Python 没有 pip，也没有 ensurepip。Debian/Ubuntu：sudo apt install python3-venv，再运行同一命令。",
        "This Python has neither ensurepip nor pip. On Debian/Ubuntu: sudo apt install python3-venv, then run the "
        "same command again.",
    ),
    "city": ("正在写样本城市到 {folder} …", "Writing the sample city to {folder} …"),
    "next": (
        "以后可直接用命令：{command}（例如 {command} --help；或先 source {activate}）",
        "From now on the command is {command} (for example {command} --help; or first: source {activate})",
    ),
    "unknown": ("不认识的参数：{word}\n\n{usage}", "Unknown word: {word}\n\n{usage}"),
}


def language(words: list[str]) -> int:
    """Return 0 for Chinese and 1 for English: --lang, LVSHU_LANG, else the locale."""
    chosen = ""
    if "--lang" in words and words.index("--lang") + 1 < len(words):
        chosen = words[words.index("--lang") + 1]
    for name in ("LVSHU_LANG", "LC_ALL", "LC_MESSAGES", "LANGUAGE", "LANG"):
        chosen = chosen or os.environ.get(name, "")
    return 0 if chosen.lower().startswith("zh") else 1


def say(key: str, tongue: int, **values: object) -> None:
    """Print one of the texts on standard error, so that --json output stays clean."""
    print(TEXTS[key][tongue].format(**values), file=sys.stderr, flush=True)


def lock_of(purpose: str) -> Path:
    """Return the lock file of a purpose: "run" or "test"."""
    return HOME / ("requirements.lock" if purpose == "run" else "requirements-dev.lock")


def stamp_of(purpose: str) -> str:
    """Return what identifies an environment: the lock's bytes and this Python."""
    digest = hashlib.sha256(lock_of(purpose).read_bytes())
    digest.update(f"{platform.python_version()} {sys.executable} {HOME}".encode())
    return digest.hexdigest()


def is_ready(purpose: str) -> bool:
    """Return whether the environment holds what a purpose needs. A test environment can also run."""
    stamp = ENVIRONMENT / f"{purpose}.stamp"
    same = stamp.is_file() and stamp.read_text(encoding="utf-8") == stamp_of(purpose) and PYTHON.exists()
    return same or (purpose == "run" and is_ready("test"))


def pip_command(tongue: int) -> list[str]:
    """Return the pip that installs into the environment: its own, else this Python's for it.

    Debian ships Python without ensurepip and forbids pip outside an environment; there the pip of the
    system installs into the environment by --python.
    """
    own = [str(PYTHON), "-m", "pip"]
    if subprocess.run([*own, "--version"], capture_output=True, check=False).returncode == 0:
        return own
    host = [sys.executable, "-m", "pip"]
    if subprocess.run([*host, "--version"], capture_output=True, check=False).returncode == 0:
        return [*host, "--python", str(PYTHON)]
    say("no_pip", tongue)
    raise SystemExit(2)


def make_environment(purpose: str, tongue: int) -> None:
    """Make the environment, or bring it to the lock. A broken attempt leaves no stamp and is made anew."""
    if is_ready(purpose):
        return
    if shutil.disk_usage(HOME).free < ROOM_NEEDED:
        say("room", tongue, free=shutil.disk_usage(HOME).free / 1e9)
        raise SystemExit(3)
    started = time.monotonic()
    if not PYTHON.exists() or not any(ENVIRONMENT.glob("*.stamp")):
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        try:
            import ensurepip  # noqa: F401

            with_pip = True
        except ImportError:
            with_pip = False
        venv.create(ENVIRONMENT, with_pip=with_pip, symlinks=not WINDOWS)
    lock = lock_of(purpose)
    count = sum("==" in line for line in lock.read_text(encoding="utf-8").splitlines())
    say("install", tongue, count=count, folder=ENVIRONMENT)
    command = [*pip_command(tongue), "install", "--require-hashes", "--only-binary", ":all:", "-r", str(lock)]
    command += ["--quiet", "--disable-pip-version-check", "--no-deps"]
    if watched(command) != 0:
        say("failed", tongue)
        raise SystemExit(1)
    install_project()
    for old in ENVIRONMENT.glob("*.stamp"):
        old.unlink()
    (ENVIRONMENT / f"{purpose}.stamp").write_text(stamp_of(purpose), encoding="utf-8")
    say("ready", tongue, seconds=time.monotonic() - started)


def watched(command: list[str]) -> int:
    """Return a command's exit code; meanwhile show on a terminal how long it has been going on."""
    started = time.monotonic()
    with subprocess.Popen(command) as process:
        while True:
            try:
                return process.wait(timeout=1)
            except subprocess.TimeoutExpired:
                if sys.stderr.isatty():
                    print(f"\r  {time.monotonic() - started:4.0f} s ", end="\r", file=sys.stderr, flush=True)


def install_project() -> None:
    """Put the source folder on the environment's path, and the command `lvshu` beside its Python."""
    place = sysconfig.get_path("purelib", vars={"base": str(ENVIRONMENT), "platbase": str(ENVIRONMENT)})
    if "site-packages" not in place:  # Debian's scheme for its own Python
        version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
        place = str(ENVIRONMENT / ("Lib" if WINDOWS else f"lib/{version}") / "site-packages")
    Path(place).mkdir(parents=True, exist_ok=True)
    Path(place, "lvshu.pth").write_text(str(HOME / "src") + "\n", encoding="utf-8")
    if WINDOWS:
        COMMAND.write_text(f'@"{PYTHON}" -m lvshu %*\r\n', encoding="utf-8")
    else:
        COMMAND.write_text(f'#!/bin/sh\nexec "{PYTHON}" -m lvshu "$@"\n', encoding="utf-8")
        COMMAND.chmod(0o755)


def run(*words: str, **environment: str) -> int:
    """Return the exit code of the environment's Python, run with these words in the project's folder."""
    variables = {**os.environ, "PYTHONUTF8": "1", **environment}
    try:
        return subprocess.run([str(PYTHON), *words], cwd=HOME, env=variables, check=False).returncode
    except KeyboardInterrupt:
        return 130


def take(words: list[str], name: str, default: str) -> str:
    """Return an option's value, taking the option and its value out of the words."""
    if name not in words:
        return default
    place = words.index(name)
    value = words[place + 1] if place + 1 < len(words) else default
    del words[place : place + 2]
    return value


def first_book(words: list[str], tongue: int) -> int:
    """Write the sample city if it is not there, run its book and show the report. Returns the exit code."""
    folder = Path(take(words, "--workspace", str(HOME / "sample-city")))
    scale = take(words, "--scale", "1000")
    take(words, "--lang", "")
    extra = [word for word in words if word in ("--no-open", "--json")]
    unknown = [word for word in words if word not in extra]
    if unknown:
        say("unknown", tongue, word=unknown[0], usage=__doc__)
        return 2
    spoken = ["--lang", "zh" if tongue == 0 else "en"]
    make_environment("run", tongue)
    if not (folder / "lvshu.toml").exists():
        say("city", tongue, folder=folder)
        made = run("-m", "lvshu", *spoken, "new", str(folder), "--sample", "--scale", scale)
        if made:
            return made
    code = run("-m", "lvshu", *spoken, "run", str(folder), "--accept-problems", *extra)
    say("next", tongue, command=COMMAND, activate=COMMAND.with_name("activate"))
    return code


def test_words(words: list[str]) -> list[str]:
    """Return the words for pytest: the suite runs on every core, a chosen file or a chosen `-n` as it is.

    Without a choice by `-m` the tests that take long (tests/slow.txt) are left out.
    """
    chosen = any(word.startswith("-n") or (HOME / word.split("::")[0]).exists() for word in words)
    if chosen:
        return words
    quick = [] if "-m" in words else ["-m", "not slow"]
    return ["-n", "auto", "--dist", "loadscope", *quick, *words]


def main(words: list[str]) -> int:
    """Return the exit code of what the words ask for."""
    tongue = language(words)
    if sys.version_info < OLDEST:
        say("old", tongue, found=platform.python_version())
        return 2
    if words[:1] in (["-h"], ["--help"], ["help"]):
        print(__doc__)
        return 0
    if words[:1] == ["test"]:
        make_environment("test", tongue)
        return run("-m", "pytest", *test_words(words[1:]))
    if words[:1] == ["bench"]:
        make_environment("test", tongue)
        return run("-m", "benchmarks", *words[1:])
    if words[:1] == ["setup"]:
        make_environment("test" if "--test" in words else "run", tongue)
        return 0
    if words[:1] == ["--"]:
        make_environment("run", tongue)
        return run("-m", "lvshu", *words[1:])
    return first_book(list(words), tongue)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
