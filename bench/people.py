#!/usr/bin/env python3
"""What sign-in, permissions and the audit log cost.

    cargo build --release && python3 bench/people.py target/release/attain [SESSIONS] [ENTRIES]

A server with the records in SQLite (or where ATTAIN_RECORDS says), a made-up company of 200 people (PEOPLE) and as
many accounts as SESSIONS. Prints: a page for the owner of the machine before anybody has an account (the peer) and the same for
somebody signed in; a sign-in; SESSIONS people (default 200) asking pages at the same time, each two seconds after
the one before as people do, and without any pause; one more entry of the audit log; and `attain audit verify` over
ENTRIES (default 1,000,000) beside a plain SHA-256 over as many texts of that length. With ATTAIN_RECORDS the log is
lengthened through `psql`, which must be on the path.
"""

import csv
import hashlib
import http.client
import io
import json
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

MAPPING = """\
source: bench
company: { name: Bench, time_zone: UTC, currency: USD, calendar: { kind: month_offset, first_month: 1 } }
covers: { from: 2025-01-01, to: 2026-01-01 }
files:
  - file: people.csv
    tables:
      - { table: team, key: team, columns: { name: team } }
      - { table: employee, key: person, columns: { display_name: person } }
      - table: team_assignment
        key: [person, since]
        columns: { employee_id: person, team_id: team, valid_from: since }
  - file: managers.csv
    tables:
      - table: manager_assignment
        key: [person, since]
        columns: { employee_id: person, manager_id: manager, valid_from: since }
  - file: deals.csv
    tables:
      - { table: account, key: account, columns: { name: account } }
      - table: opportunity
        key: deal
        columns: { account_id: account, owner_id: person, created_at: created, stage: outcome, outcome: outcome, close_date: closed, amount: amount, amount_ccy: { constant: USD } }
"""
PEOPLE = int(os.environ.get("PEOPLE", "200"))
# A page of ten thousand people takes long enough to be told apart by fewer.
REPEATS = 200 if PEOPLE < 1_000 else 10
PASSWORD = "river anvil lantern"


def write_company(folder):
    with open(f"{folder}/people.csv", "w") as file:
        file.write("person,team,since\n")
        file.writelines(f"Person {i:03},Team {i // 20:02},2020-01-01\n" for i in range(PEOPLE))
    with open(f"{folder}/managers.csv", "w") as file:
        file.write("person,manager,since\n")
        file.writelines(f"Person {i:03},Person {i // 20 * 20:03},2020-01-01\n" for i in range(PEOPLE) if i % 20)
    with open(f"{folder}/deals.csv", "w") as file:
        file.write("deal,account,person,created,outcome,closed,amount\n")
        for i in range(20_000):
            outcome = ("won", "lost", "lost")[i % 3]
            file.write(f"D-{i},Account {i % 500},Person {i % PEOPLE:03},2024-12-{i % 28 + 1:02},{outcome},2025-{i % 11 + 1:02}-20,{100 + i % 900}\n")


class Server:
    def __init__(self, attain, data):
        command = [attain, "serve", "--data", data, "--listen", "127.0.0.1:0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.host = self.process.stdout.readline().split("http://")[1].split()[0]

    def ask(self, method, path, cookie="", form=None):
        connection = http.client.HTTPConnection(self.host)
        body = urllib.parse.urlencode(form) if form else None
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
        if cookie:
            headers["Cookie"] = cookie
        connection.request(method, path, body, headers)
        reply = connection.getresponse()
        return reply.status, dict(reply.getheaders()), reply.read()

    def stop(self):
        self.process.terminate()
        self.process.wait()


def milliseconds(act, times):
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        act()
        taken.append((time.perf_counter() - begun) * 1000)
    return taken


def told(what, taken):
    ordered = sorted(taken)
    p95 = ordered[int(len(ordered) * 0.95) - 1]
    print(f"{what:<58} median {statistics.median(taken):8.2f} ms   p95 {p95:8.2f} ms")


def page(server, path, cookie="", expected=200):
    status, _, _ = server.ask("GET", path, cookie)
    assert status == expected, (path, status)


def concurrent(server, cookies, pause):
    taken, lock = [], threading.Lock()

    def visit(number):
        mine = []
        for _ in range(5):
            time.sleep(random.uniform(0, 2 * pause))
            mine += milliseconds(lambda: page(server, f"/scorecards/rep/person-{number + 1}", cookies[number]), 1)
        with lock:
            taken.extend(mine)

    threads = [threading.Thread(target=visit, args=(number,)) for number in range(len(cookies))]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"{len(taken)} pages in {time.perf_counter() - begun:.2f} s")
    return taken


def chain(file, entries):
    """Lengthens the audit log by entries as the program writes them."""
    newest = "select sequence, hash from audit_entry order by sequence desc limit 1"
    if (records := os.environ.get("ATTAIN_RECORDS")):
        psql = ["psql", "-X", "-q", "-A", "-t", "-F", " ", records]
        number, previous = subprocess.run([*psql, "-c", newest], check=True, capture_output=True, text=True).stdout.split()
        number = int(number)
    else:
        database = sqlite3.connect(file)
        number, previous = database.execute(newest).fetchone()
    rows = []
    for sequence in range(number + 1, number + 1 + entries):
        detail = json.dumps({"what": "scorecard"}, separators=(",", ":"))
        parts = [str(sequence), "1764150000000000", "account 7 as manager", "look", f"person person-{sequence % 200}", detail, previous]
        own = hashlib.sha256(json.dumps(parts, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()
        rows.append((sequence, 1764150000000000, *parts[2:6], previous, own))
        previous = own
    if records:
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        columns = "sequence, at_us, actor, action, subject, detail, previous_hash, hash"
        subprocess.run([*psql, "-c", f"copy audit_entry ({columns}) from stdin with (format csv)"], input=text.getvalue(), check=True, text=True)
        return
    database.executemany("insert into audit_entry values (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    database.commit()


def main():
    attain = os.path.abspath(sys.argv[1])
    sessions = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    entries = int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        data, export = f"{folder}/data", f"{folder}/export"
        os.mkdir(export)
        write_company(export)
        with open(f"{folder}/mapping.yaml", "w") as file:
            file.write(MAPPING)
        subprocess.run([attain, "import", export, "--mapping", f"{folder}/mapping.yaml", "--data", data], check=True, stdout=subprocess.DEVNULL)
        server = Server(attain, data)
        for path in ("/metrics", "/people"):
            page(server, path)
            told(f"{path}, as the owner (peer)", milliseconds(lambda: page(server, path), REPEATS))
        cookies = []
        signing = []
        for number in range(sessions):
            person = f"person-{number + 1}"
            link = subprocess.run([attain, "user", "add", f"{person}@example.com", "--name", person, "--person", person, "--data", data], check=True, capture_output=True, text=True).stdout.strip()
            begun = time.perf_counter()
            status, headers, _ = server.ask("POST", link, form={"password": PASSWORD})
            assert status == 303, status
            cookies.append(headers["set-cookie"].split(";")[0])
            if number < 20:
                signing += milliseconds(lambda: server.ask("POST", "/sign-in", form={"email": f"{person}@example.com", "password": PASSWORD}), 1)
        told("a sign-in", signing)
        for path in ("/metrics", "/people"):
            page(server, path, cookies[0])
            told(f"{path}, signed in", milliseconds(lambda: page(server, path, cookies[0]), REPEATS))
        # A look at another's card, the first of which is an entry of the log; the second is not.
        looks = [f"/scorecards/rep/person-{other}" for other in range(2, 21)]
        noted = [milliseconds(lambda: page(server, path, cookies[0]), 2) for path in looks]
        told("a card that is noted in the log", [first for first, _ in noted])
        told("the same again, not noted", [again for _, again in noted])
        told("an address that is not there (peer)", milliseconds(lambda: page(server, "/nothing", cookies[0], 404), REPEATS))
        told("one that is not theirs, with its entry in the log", milliseconds(lambda: page(server, "/settings", cookies[0], 404), REPEATS))
        concurrent(server, cookies, 0)
        told(f"{sessions} people, a page every 2 s each", concurrent(server, cookies, 2))
        told(f"{sessions} people without pause", concurrent(server, cookies, 0))
        server.stop()
        chain(f"{data}/attain.db", entries)
        begun = time.perf_counter()
        subprocess.run([attain, "audit", "verify", "--data", data], check=True, stdout=subprocess.DEVNULL)
        verified = time.perf_counter() - begun
        begun = time.perf_counter()
        text = b"x" * 180
        for _ in range(entries):
            hashlib.sha256(text).hexdigest()
        print(f"audit verify over {entries:,} entries: {verified:.1f} s; plain SHA-256 (peer): {time.perf_counter() - begun:.1f} s")


main()
