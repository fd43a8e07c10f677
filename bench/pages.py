#!/usr/bin/env python3
"""Page times at the server and bytes transferred, on the demo company.

    cargo build                       # the shared profile; or: cargo build --release
    python3 bench/pages.py target/debug/attain [REPEATS]

Starts `attain demo`, says how long start and import took and what a scorecard costs when it is asked
for the first time (each level, five earlier quarters in turn; processor time from /proc, so on Linux), then asks every kind of page again and
again, the style sheet (a static answer) in the same run as the peer, and prints median and maximum in
milliseconds with the gzip bytes of each.
"""

import http.client
import os
import re
import statistics
import subprocess
import sys
import time
import urllib.parse


def fetch(connection, path):
    started = time.perf_counter()
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        sys.exit(f"{path}: {answer.status}")
    return (time.perf_counter() - started) * 1000, body, answer.getheader("Content-Encoding")


def cpu_ms(process):
    """Processor time of a process so far: what a page costs, whatever else the machine does."""
    fields = open(f"/proc/{process.pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def text(connection, path):
    connection.request("GET", path)
    return connection.getresponse().read().decode()


def main():
    attain, repeats = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 30
    started = time.monotonic()
    server = subprocess.Popen([attain, "demo"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        address = re.search(r"http://(\S+)", server.stdout.readline()).group(1)
        ready = time.monotonic() - started
        connection = http.client.HTTPConnection(address)
        first, company, _ = fetch(connection, "/scorecards")
        print(f"files written, imported and listening after {ready:.2f} s; first page {first:.0f} ms")
        company = text(connection, "/scorecards")
        region = re.search(r"/scorecards/region/[^?\"]+", company).group(0)
        manager = re.search(r"/scorecards/manager/[^?\"]+", text(connection, region)).group(0)
        rep = re.search(r"/scorecards/rep/[^?\"]+", text(connection, manager)).group(0)
        style = re.search(r"/assets/[^\"]+", company).group(0)
        pages = {
            "style sheet (peer)": style,
            "company": "/scorecards",
            "company, all time": "/scorecards?period=all",
            "region": region,
            "manager": manager,
            "rep": rep,
            "sheet: win rate of a rep": f"{rep}/numbers/win_rate_count",
            "sheet: bookings of the company": "/scorecards/numbers/bookings?period=all",
            "sheet: retention": "/scorecards/numbers/buyer_retention",
            "metrics": "/metrics",
            "definition": "/metrics/win_rate_count",
            "imports": "/data/imports",
            "import report": "/data/imports/1",
            "api: rep x quarter": "/api/v1/numbers?" + urllib.parse.urlencode({"metric": "win_rate_count", "by": "rep", "period": "quarter"}),
        }
        quarters = re.findall(r'<option value="(\d{4}-Q\d)"', company)
        chosen = re.search(r'<option value="(\d{4}-Q\d)" selected', company).group(1)
        earlier = [quarter for quarter in sorted(quarters, reverse=True) if quarter < chosen][:5]
        for name in ["company", "region", "manager", "rep"]:
            before = cpu_ms(server)
            times = [fetch(connection, f"{pages[name]}?period={quarter}")[0] for quarter in earlier]
            processor = (cpu_ms(server) - before) / len(times)
            print(f"{name}, first time: " + ", ".join(f"{time:.0f}" for time in times) + f" ms; processor {processor:.0f} ms a page")
        peer = None
        print(f"{'page':<34}{'median ms':>10}{'max ms':>9}{'gzip kB':>9}{'x peer':>8}")
        for name, path in pages.items():
            timed = [fetch(connection, path) for _ in range(repeats)]
            times = [milliseconds for milliseconds, _, _ in timed]
            median = statistics.median(times)
            peer = peer or median
            print(f"{name:<34}{median:>10.1f}{max(times):>9.1f}{len(timed[0][1]) / 1024:>9.1f}{median / peer:>8.0f}")
    finally:
        server.terminate()
        server.wait()


main()
