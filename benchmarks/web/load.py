"""How quick pages are: the first, the others, levers; and 50 readers while a run writes.

python -m benchmarks.web.load WORKSPACE [--readers 50] [--seconds 20] [--no-run]
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

PAGES = (
    "/?lang=en",
    "/loop?lang=zh",
    "/loop?layer=material&lang=en",
    "/sectors?lang=en",
    "/sectors?view=districts&lang=zh",
    "/finance?lang=en",
    "/finance/ledger?by=industry&lang=zh",
    "/finance/loans?by=institution&lang=en",
    "/statistics?lang=zh",
    "/data?lang=en",
    "/data/table?name=loan&lang=en",
    "/explain?target=co2_production_based&lang=en",
    "/home.json",
    "/sectors.csv",
)
LEVERS = "/what-if?lang=en&fragment=true&power={}&price=100"


def get(connection: http.client.HTTPConnection, path: str) -> tuple[float, int]:
    """Return (seconds, status) of one request."""
    begun = time.perf_counter()
    connection.request("GET", path, headers={"Accept": "text/html", "Host": "127.0.0.1"})
    answer = connection.getresponse()
    answer.read()
    return time.perf_counter() - begun, answer.status


def quantile(values: list[float], share: float) -> float:
    """Return a quantile, in milliseconds."""
    ordered = sorted(values)
    return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def serve(folder: Path, port: int) -> tuple[subprocess.Popen[bytes], float]:
    """Return the server's process and how long it took until it said that it is ready, in seconds."""
    begun = time.perf_counter()
    words = [sys.executable, "-m", "lvshu", "serve", str(folder), "--port", str(port), "--no-open", "--json"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    told = b""
    while not told.rstrip().endswith(b"}"):
        more = process.stdout.readline() if process.stdout else b""
        if not more:
            raise RuntimeError("the server did not start")
        told += more
    return process, time.perf_counter() - begun


def cpu(process: subprocess.Popen[bytes]) -> float:
    """Return the CPU seconds that the server has used (Linux; elsewhere not a number)."""
    place = Path(f"/proc/{process.pid}/stat")
    if not place.exists():
        return float("nan")
    fields = place.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def alone(port: int, process: subprocess.Popen[bytes]) -> None:
    """Print how long each page takes with nobody else there."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    used = cpu(process)
    seconds, status = get(connection, PAGES[0])
    print(
        f"first page, the server just started: {1000 * seconds:.0f} ms (HTTP {status}), "
        f"{1000 * (cpu(process) - used):.0f} ms of CPU; {used:.2f} s of CPU before it"
    )
    time.sleep(15)  # the chapters are made in the background
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for path in PAGES:
        start = cpu(process)
        first = get(connection, path)[0]
        middle = cpu(process)
        again = [get(connection, path)[0] for _ in range(20)]
        print(
            f"  {path:<52} first {1000 * first:6.0f} ms ({1000 * (middle - start):4.0f} CPU)   "
            f"then {1000 * statistics.median(again):6.1f} ms ({50 * (cpu(process) - middle):5.1f} CPU)"
        )
    start = cpu(process)
    levers = [get(connection, LEVERS.format(number))[0] for number in range(1, 101)]
    print(
        f"  what-if: median {quantile(levers, 0.5):.1f} ms, p99 {quantile(levers, 0.99):.1f} ms "
        f"({10 * (cpu(process) - start):.1f} ms CPU each)"
    )


def crowd(port: int, readers: int, seconds: float, with_run: bool) -> None:
    """Print requests a second and quantiles with many readers, while a run writes."""
    times: list[float] = []
    wrong: list[int] = []
    end = time.perf_counter() + seconds

    def read(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        place = number
        while time.perf_counter() < end:
            took, status = get(connection, PAGES[place % len(PAGES)])
            times.append(took)
            if status != 200:
                wrong.append(status)
            place += 1

    if with_run:
        start_run(port)
    threads = [threading.Thread(target=read, args=(number,)) for number in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = "while a run writes" if with_run else "no run"
    print(
        f"{readers} readers, {told}: {len(times) / seconds:.0f} requests/s, median {quantile(times, 0.5):.0f} ms, "
        f"p99 {quantile(times, 0.99):.0f} ms, {len(wrong)} not answered as they should"
    )


def start_run(port: int) -> None:
    """Start a run that makes every step anew."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/?lang=en", headers={"Accept": "text/html"})
    token = connection.getresponse().read().decode().split('"csrf":"')[1].split('"')[0]
    body = f"csrf={token}&again=true&lang=en"
    connection.request("POST", "/runs/start", body, {"Content-Type": "application/x-www-form-urlencoded"})
    answer = connection.getresponse()
    answer.read()
    if answer.status != 303:
        raise RuntimeError(f"the run did not start: HTTP {answer.status}")
    connection.request("GET", "/runs/progress.json")
    print("run:", json.loads(connection.getresponse().read())["state"])


def main() -> int:
    """Measure. Returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--no-run", action="store_true")
    options = parser.parse_args()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process, seconds = serve(options.workspace, port)
    print(f"server is ready after {seconds:.2f} s")
    try:
        alone(port, process)
        crowd(port, options.readers, options.seconds, with_run=False)
        if not options.no_run:
            crowd(port, options.readers, options.seconds, with_run=True)
    finally:
        process.terminate()
        process.wait(30)
    return 0


if __name__ == "__main__":
    sys.exit(main())
