#!/usr/bin/env python3
"""Opportunities and five times as many activities from CSV: imported with Attain and, as the peer,
read with the same types by DuckDB, ordered by month and person, and written as Parquet.

    pip install duckdb && cargo build --release && python3 bench/import.py target/release/attain [MILLIONS]

MILLIONS of opportunities (default 10), of 5,000 people and 100,000 accounts over three years. Then a
second delivery, `delta`, with the newest 1 % of both changed. Prints seconds, processor seconds and peak
memory of each process; two threads each. Everything is written to a temporary folder and removed.
"""

import importlib.metadata
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time

MAPPING = """\
source: bench
company:
  name: Bench
  time_zone: UTC
  currency: USD
  calendar: { kind: month_offset, first_month: 1 }
covers: { from: 2023-01-01, to: 2026-01-01 }
files:
  - file: people.csv
    tables:
      - { table: employee, key: person, columns: { display_name: person } }
  - file: accounts.csv
    tables:
      - { table: account, key: account, columns: { name: account } }
  - file: opportunities.csv
    tables:
      - table: opportunity
        key: id
        columns: { account_id: account, owner_id: person, created_at: created, stage: outcome, outcome: outcome, close_date: closed, amount: amount }
  - file: activities.csv
    tables:
      - table: activity
        key: id
        columns: { employee_id: person, occurred_at: day, kind: kind }
"""

SOURCES = {
    "opportunities": """select 'D-' || lpad(i::text, 9, '0') as id, 'Account ' || hash(i * 7) % 100000 as account,
        'Person ' || hash(i) % 5000 as person, (date '2023-01-01' + cast(hash(i * 11) % 946 as int)) as created,
        case when hash(i * 19) % 20 < 7 then 'won' when hash(i * 19) % 20 < 18 then 'lost' else 'open' end as outcome,
        (date '2023-01-01' + cast(hash(i * 11) % 946 + hash(i * 13) % 150 as int)) as closed,
        cast(100 + hash(i * 17) % 9000000 / 100.0 as decimal(18, 2)) as amount from range({rows}) t(i)""",
    "activities": """select 'A-' || lpad(i::text, 9, '0') as id, 'Person ' || hash(i) % 5000 as person,
        (date '2023-01-01' + cast(hash(i * 23) % 1096 as int)) as day,
        ['call', 'email', 'meeting'][1 + cast(hash(i * 29) % 3 as int)] as kind from range({rows}) t(i)""",
}
# The newest 1 %, by the day that decides where a row lies.
CHANGED = {
    "opportunities": "select * replace (amount + 1 as amount) from read_csv('{file}') order by closed desc, id limit {rows}",
    "activities": "select * replace (case kind when 'call' then 'email' else 'call' end as kind) from read_csv('{file}') order by day desc, id limit {rows}",
}
PEER = """\
import duckdb, sys
folder, names = sys.argv[1], {'opportunities': ('closed', 'amount'), 'activities': ('day', None)}
db = duckdb.connect()
db.execute("set threads = 2; set memory_limit = '1536MB'; set preserve_insertion_order = false")
for name, (day, amount) in names.items():
    types = {day: 'date'} | ({'amount': 'decimal(28, 6)', 'created': 'date'} if amount else {})
    db.execute(f"copy (select * from read_csv('{folder}/{name}.csv', header = true, types = {types}) "
               f"order by date_trunc('month', {day}), person) to '{folder}/{name}.parquet' (format parquet, compression zstd)")
"""


def generate(folder, millions):
    import duckdb

    database = duckdb.connect()
    database.execute("set threads = 2; set memory_limit = '6GB'")
    changed = os.path.join(folder, "changed")
    os.mkdir(changed)
    for name, times in (("opportunities", 1), ("activities", 5)):
        rows, file = int(millions * 1_000_000) * times, os.path.join(folder, f"{name}.csv")
        database.execute(f"copy ({SOURCES[name].format(rows=rows)}) to '{file}' (header)")
        query = CHANGED[name].format(file=file, rows=rows // 100)
        database.execute(f"copy ({query}) to '{changed}/{name}.csv' (header)")
    for name, column, count in (("people", "person", 5_000), ("accounts", "account", 100_000)):
        query = f"select '{column.title()} ' || i as {column} from range({count}) t(i)"
        database.execute(f"copy ({query}) to '{folder}/{name}.csv' (header)")
    with open(os.path.join(folder, "mapping.yaml"), "w") as file:
        file.write(MAPPING)


def measure(name, command):
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{name} failed")
    seconds, processor = time.monotonic() - started, usage.ru_utime + usage.ru_stime
    print(f"| {name} | {seconds:.1f} | {processor:.1f} | {usage.ru_maxrss / 1024:.0f} |", flush=True)
    return seconds


def main():
    attain = os.path.abspath(sys.argv[1])
    millions = float(sys.argv[2]) if len(sys.argv) > 2 else 10
    with tempfile.TemporaryDirectory(prefix="attain-bench-") as folder:
        # In a process of its own: what this one holds counts in the peak of those it starts.
        generator = multiprocessing.get_context("fork").Process(target=generate, args=(folder, millions))
        generator.start()
        generator.join()
        if generator.exitcode != 0:
            sys.exit("the data could not be generated")
        files = [os.path.join(folder, f"{name}.csv") for name in ("people", "accounts", "opportunities", "activities")]
        changed = [os.path.join(folder, "changed", f"{name}.csv") for name in ("opportunities", "activities")]
        arguments = ["--mapping", os.path.join(folder, "mapping.yaml"), "--data", os.path.join(folder, "data")]
        size = sum(os.path.getsize(file) for file in files) >> 20
        print(f"{millions:g} million opportunities, {5 * millions:g} million activities, {size} MB of CSV; DuckDB {importlib.metadata.version('duckdb')}")
        print("| what | seconds | processor seconds | peak MB |\n|---|---|---|---|")
        first = measure("attain import, first time", [attain, "import", *files, *arguments])
        delta = measure("attain import, 1 % changed", [attain, "import", *changed, *arguments])
        peer = measure("duckdb: read, order, write Parquet", [sys.executable, "-c", PEER, folder])
        print(f"ratios: first {first / peer:.1f} × DuckDB, changed {delta / first:.2f} × first")


main()
