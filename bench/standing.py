#!/usr/bin/env python3
"""Pages on which people of a large company stand side by side, at the server.

    pip install duckdb && cargo build --release && python3 bench/standing.py target/release/attain [MILLIONS]

MILLIONS of opportunities (default 10) of 5,000 people in teams of twelve over three years, each with a quota for every
quarter, all of one role, so that everybody's peers are the other 4,999. Prints what a page costs when it is asked for the
first time (the first of all, then other teams in turn) and again, with the style sheet, a static answer, as the peer in
the same run. Everything is written to a temporary folder and removed.
"""

import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

PEOPLE, TEAM = 5_000, 12
MAPPING = """\
source: bench
company: { name: Bench, time_zone: UTC, currency: USD, calendar: { kind: month_offset, first_month: 1 } }
covers: { from: 2023-01-01, to: 2026-01-01 }
files:
  - file: people.csv
    tables:
      - { table: employee, key: person, columns: { display_name: person, role: role, hire_date: hired } }
  - file: leaders.csv
    tables:
      - table: manager_assignment
        key: [person, hired]
        columns: { employee_id: person, manager_id: leader, valid_from: hired }
  - file: quotas.csv
    tables:
      - table: target
        key: [person, period]
        columns:
          kpi_id: { constant: bookings }
          subject_kind: { constant: employee }
          subject_id: person
          period_id: period
          value: value
          currency: { constant: USD }
          kind: { constant: quota }
  - file: opportunities.csv
    tables:
      - { table: account, key: account, columns: { name: account } }
      - table: opportunity
        key: id
        columns: { account_id: account, owner_id: person, created_at: created, stage: outcome, outcome: outcome, close_date: closed, amount: amount, amount_ccy: { constant: USD } }
"""
OPPORTUNITIES = f"""select 'D-' || lpad(i::text, 9, '0') as id, 'Account ' || hash(i * 7) % 100000 as account,
    'Person ' || lpad((hash(i) % {PEOPLE})::text, 4, '0') as person, (date '2023-01-01' + cast(hash(i * 11) % 946 as int)) as created,
    case when hash(i * 19) % 20 < 7 then 'won' when hash(i * 19) % 20 < 18 then 'lost' else 'open' end as outcome,
    (date '2023-01-01' + cast(hash(i * 11) % 946 + hash(i * 13) % 150 as int)) as closed,
    cast(100 + hash(i * 17) % 9000000 / 100.0 as decimal(18, 2)) as amount from range({{rows}}) t(i)"""


def generate(folder, millions):
    import duckdb

    database = duckdb.connect()
    database.execute("set threads = 2; set memory_limit = '6GB'")
    query = OPPORTUNITIES.format(rows=int(millions * 1_000_000))
    database.execute(f"copy ({query}) to '{folder}/opportunities.csv' (header)")
    with open(f"{folder}/people.csv", "w") as file:
        file.write("person,role,hired\n")
        everybody = range(PEOPLE + PEOPLE // TEAM + 1)
        file.writelines(f"Person {i:04},{'AE' if i < PEOPLE else 'manager'},2020-01-01\n" for i in everybody)
    with open(f"{folder}/leaders.csv", "w") as file:
        file.write("person,leader,hired\n")
        file.writelines(f"Person {i:04},Person {PEOPLE + i // TEAM},2020-01-01\n" for i in range(PEOPLE))
    with open(f"{folder}/quotas.csv", "w") as file:
        file.write("person,period,value\n")
        for year in (2023, 2024, 2025):
            file.writelines(f"Person {i:04},{year}-Q{quarter},9000000\n" for i in range(PEOPLE) for quarter in (1, 2, 3, 4))
    with open(f"{folder}/mapping.yaml", "w") as file:
        file.write(MAPPING)


class Server:
    def __init__(self, attain, data):
        command = [attain, "serve", "--data", data, "--listen", "127.0.0.1:0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        host = self.process.stdout.readline().split("http://")[1].split()[0]
        self.connection = http.client.HTTPConnection(host, timeout=1800)

    def ask(self, path):
        started = time.perf_counter()
        self.connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            sys.exit(f"{path}: {answer.status}")
        return (time.perf_counter() - started) * 1000, len(body)

    def peak(self):
        lines = open(f"/proc/{self.process.pid}/status")
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def report(what, server, first, others):
    """The first of all, then others in turn, then the last of these again and again."""
    cold, _ = server.ask(first)
    each = [server.ask(path)[0] for path in others]
    again = [server.ask((others or [first])[-1]) for _ in range(20)]
    middle = f"{statistics.median(each):.0f}" if each else ""
    print(f"| {what} | {cold:.0f} | {middle} | {statistics.median(one for one, _ in again):.1f} | {again[0][1] / 1024:.0f} |", flush=True)


def main():
    attain = os.path.abspath(sys.argv[1])
    millions = float(sys.argv[2]) if len(sys.argv) > 2 else 10
    with tempfile.TemporaryDirectory(prefix="attain-bench-") as folder:
        generate(folder, millions)
        files = [f"{folder}/{name}.csv" for name in ("people", "leaders", "quotas", "opportunities")]
        started = time.monotonic()
        command = [attain, "import", *files, "--mapping", f"{folder}/mapping.yaml", "--data", f"{folder}/data"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        print(f"{millions:g} million opportunities of {PEOPLE:,} people, imported in {time.monotonic() - started:.0f} s")
        server = Server(attain, f"{folder}/data")
        try:
            measure(server)
            print(f"peak memory of the server {server.peak():.0f} MB")
        finally:
            server.process.terminate()


def measure(server):
    managers = [f"manager/person-{place}" for place in leaders(server)]
    period = "?period=2025-Q4"
    print("| page | first of all, ms | of other teams, ms | again, ms | gzip kB |\n|---|---|---|---|---|")
    server.ask("/scorecards?period=2025-Q3")
    report("style sheet (peer)", server, style(server), [])
    for what, place in [("team page", "scorecards"), ("compare", "compare"), ("goals of a team", "goals"), ("why", "why")]:
        report(what, server, f"/{place}/{managers[0]}{period}", [f"/{place}/{one}{period}" for one in managers[1:10]])
    quarters = [f"?period=2025-Q{quarter}" for quarter in (4, 3, 2, 1)]
    for what, place in [("compare, the company", "/compare"), ("goals grid of the company", "/goals/grid")]:
        report(what, server, place + quarters[0], [place + one for one in quarters[1:]])


def style(server):
    server.connection.request("GET", "/scorecards")
    page = server.connection.getresponse().read().decode()
    return re.search(r'/assets/[^"]+', page).group(0)


def leaders(server):
    """The numbers of ten people who lead a team."""
    server.connection.request("GET", "/api/v1/numbers?metric=deals_won&by=manager&period=2025-Q4")
    lines = json.loads(server.connection.getresponse().read())
    members = [line["members"][0]["id"] for line in lines if line["members"][0]["id"]]
    return [member.removeprefix("person-") for member in members][:10]


main()
