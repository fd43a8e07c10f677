#!/usr/bin/env python3
"""A million opportunities: imports them with Attain and, as the peer, loads the same file with
DuckDB, and asks both the same question.

    pip install duckdb
    cargo build --release
    python3 bench/million.py target/release/attain [ROWS]

Prints seconds and peak memory of each process, and the ratios. Only the standard library and
DuckDB are needed; everything is written to a temporary folder and removed.
"""

import datetime
import os
import random
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
covers: { from: 2023-01-01, to: 2027-01-01 }
files:
  - file: people.csv
    mode: full
    tables:
      - { table: team, key: region, columns: { name: region } }
      - { table: employee, key: person, columns: { display_name: person } }
      - { table: team_assignment, key: person, columns: { employee_id: person, team_id: region } }
  - file: accounts.csv
    mode: full
    tables:
      - { table: account, key: account, columns: { name: account } }
  - file: opportunities.csv
    mode: full
    tables:
      - table: opportunity
        key: id
        columns:
          account_id: account
          owner_id: person
          created_at: created
          stage: outcome
          outcome: outcome
          close_date: closed
          amount: amount
"""

PEER = """\
import duckdb, sys
folder = sys.argv[1]
db = duckdb.connect()
db.execute("set threads = 2")
db.execute(f"copy (select *, sha256(concat_ws('|', id, account, person, created, outcome, closed, amount)) as row_hash "
           f"from read_csv('{folder}/opportunities.csv', header = true)) to '{folder}/peer.parquet' (format parquet, compression zstd)")
"""

PEER_QUESTION = """\
import duckdb, sys
db = duckdb.connect()
db.execute("set threads = 2")
rows = db.execute(f"select person, date_trunc('quarter', closed) as quarter, "
    f"count(*) filter (outcome = 'won') / count(*) as win_rate, median(amount) filter (outcome = 'won') as deal "
    f"from '{sys.argv[1]}/peer.parquet' where outcome <> 'open' and closed is not null group by all").fetchall()
print(len(rows))
"""


def generate(folder, rows):
    chance = random.Random(1)
    people = [f"Person {number:04}" for number in range(2_000)]
    accounts = [f"Account {number:05}" for number in range(50_000)]
    write(folder, "people.csv", ["person,region"] + [f"{person},Region {index % 12}" for index, person in enumerate(people)])
    write(folder, "accounts.csv", ["account"] + accounts)
    start = datetime.date(2023, 1, 1)
    days = [(start + datetime.timedelta(days=day)).isoformat() for day in range(1_460)]
    with open(os.path.join(folder, "opportunities.csv"), "w") as file:
        file.write("id,account,person,created,outcome,closed,amount\n")
        for number in range(rows):
            created = chance.randrange(1_300)
            outcome = chance.choices(["won", "lost", "open"], [35, 55, 10])[0]
            file.write(f"D-{number:08},{chance.choice(accounts)},{chance.choice(people)},{days[created]},{outcome},{days[created + chance.randrange(150)]},{chance.randrange(100_000, 9_000_000) / 100:.2f}\n")
    write(folder, "mapping.yaml", [MAPPING])


def write(folder, name, lines):
    with open(os.path.join(folder, name), "w") as file:
        file.write("\n".join(lines) + "\n")


def measure(name, command):
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - started
    if status != 0:
        sys.exit(f"{name} failed")
    print(f"{name:<34} {seconds:8.2f} s {usage.ru_maxrss / 1024:9.0f} MB")
    return seconds


def main():
    attain, rows = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    with tempfile.TemporaryDirectory(prefix="attain-bench-") as folder:
        generate(folder, rows)
        size = os.path.getsize(os.path.join(folder, "opportunities.csv")) >> 20
        print(f"{rows:,} opportunities, {size} MB of CSV")
        data = ["--data", os.path.join(folder, "data")]
        imported = [attain, "import", folder, "--mapping", os.path.join(folder, "mapping.yaml"), *data]
        question = [attain, "query", "--metric", "win_rate_count,median_deal_size", "--by", "rep", "--period", "quarter", "--format", "csv", *data]
        first = measure("attain import, first time", imported)
        again = measure("attain import, the same bytes", imported)
        peer = measure("duckdb, read, hash, write Parquet", [sys.executable, "-c", PEER, folder])
        asked = measure("attain query, rep x quarter", question)
        peer_asked = measure("duckdb, the same question", [sys.executable, "-c", PEER_QUESTION, folder])
        print(f"ratios: import {first / peer:.1f}, again {again / peer:.1f}, question {asked / peer_asked:.1f}")


main()
