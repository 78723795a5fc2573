"""What a hub costs that has nothing to do: twenty connections, web and worker in one process."""

from __future__ import annotations

import base64
import secrets
import statistics
import tempfile
import threading
import time
from pathlib import Path

import psutil
from report import report
from servers import Workshop
from waitress.server import create_server

from hub.lab.sandbox import SandboxTracker

SETTLING, SECONDS, HELPS = 8.0, 30.0, 7
WEBHOOKS, FORMS, TRACKERS = 10, 5, 5
GOALS = {"cpu_percent": (4, False), "rss_mb": (130, False), "help_s": (0.35, False)}


def connections(port: int) -> str:
    """Twenty connections in the words of the configuration."""
    secret = '{ secret = { env = "BENCH_SECRET" } }'
    entries = [("webhook", "{}", secret)] * WEBHOOKS + [("form", "{}", "{}")] * FORMS
    for number in range(TRACKERS):
        settings = f'{{ base_url = "http://127.0.0.1:{port}/{number}/" }}'
        entries.append(("sandbox", settings, '{ hook_secret = { env = "BENCH_SECRET" } }'))
    return '[outbound]\nallow = ["127.0.0.1"]\n' + "".join(
        f'[[connections]]\nname = "{kind} {number}"\nkind = "{kind}"\n'
        f"settings = {settings}\nsecrets = {hidden}\n"
        for number, (kind, settings, hidden) in enumerate(entries)
    )


class Trackers:
    """Five sandbox trackers behind one port, in this process: what they cost is not the hub's."""

    def __init__(self) -> None:
        """They answer at once."""
        self.asked = 0
        self._trackers = [SandboxTracker() for _ in range(TRACKERS)]
        self._server = create_server(self._answer, host="127.0.0.1", port=0, threads=2)
        self.port = self._server.effective_port
        threading.Thread(target=self._server.run, daemon=True).start()

    def _answer(self, environ, start_response):
        self.asked += 1
        _, number, rest = environ["PATH_INFO"].split("/", 2)
        environ["SCRIPT_NAME"], environ["PATH_INFO"] = f"/{number}", f"/{rest}"
        return self._trackers[int(number)](environ, start_response)


def watch(pid: int) -> tuple[float, float]:
    """Percent of one core over the seconds watched, and resident megabytes at their end."""
    process = psutil.Process(pid)
    before, start = sum(process.cpu_times()[:2]), time.perf_counter()
    time.sleep(SECONDS)
    used = sum(process.cpu_times()[:2]) - before
    return 100 * used / (time.perf_counter() - start), process.memory_info().rss / 1e6


def help_seconds(workshop: Workshop) -> float:
    """Median time of ``hub --help``, once its files are in the cache."""
    times = []
    for _ in range(HELPS + 1):
        start = time.perf_counter()
        workshop.do("--help")
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def main() -> None:
    """Measure, and print the JSON line."""
    trackers = Trackers()
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    with tempfile.TemporaryDirectory() as temporary:
        workshop = Workshop(Path(temporary), connections(trackers.port), {"BENCH_SECRET": secret})
        workshop.settle()
        help_s = help_seconds(workshop)
        with workshop.hub("run") as hub:
            time.sleep(SETTLING)
            asked = trackers.asked
            cpu, rss = watch(hub.process.pid)
            print(f"in {SECONDS:.0f} s the trackers were asked {trackers.asked - asked} times")
    report({"cpu_percent": round(cpu, 2), "rss_mb": round(rss, 1), "help_s": round(help_s, 3)}, GOALS)


if __name__ == "__main__":
    main()
