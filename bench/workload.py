"""The KPI workload on Attain and on DuckDB, over the same Parquet files, two threads each.

    pip install duckdb && cargo build --release && python3 bench/workload.py target/release/attain [MILLIONS]

MILLIONS of opportunities (default 10) and five times as many activities, of 5,000 people over three
years. Each question is asked five times in a process of its own; medians of the time that passed and of
the processor time (which tells more on a machine that does other things too) and peak memory are printed.
"""

import importlib.metadata
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time

QUARTERS = [f"{year}-Q{quarter}" for year in (2023, 2024, 2025) for quarter in (1, 2, 3, 4)]
# Fourteen more of the same kind, for a team's page: name, measure, the same in SQL, condition.
MORE = [
    (f"{outcome}_{part}_{measure}", measure, sql, f"outcome = '{outcome}'{condition}")
    for outcome in ("won", "lost", "open")
    for part, condition in (("large", " and amount >= 50000"), ("slow", " and cycle_days > 90"))
    for measure, sql in (("closed", "count(*)"), ("amount", "sum(amount)"))
] + [("open_closed", "closed", "count(*)", "outcome = 'open'"), ("open_amount", "amount", "sum(amount)", "outcome = 'open'")]
DEFINITIONS = """
semantic_models:
  - name: opportunities
    model: opportunities
    defaults: { agg_time_dimension: close_date }
    entities:
      - { name: opportunity, type: primary, expr: id }
      - { name: rep, type: foreign, expr: rep_id }
      - { name: account, type: foreign, expr: account_id }
    dimensions:
      - { name: close_date, type: time, type_params: { time_granularity: day } }
      - { name: outcome, type: categorical }
    measures:
      - { name: closed, agg: count, expr: id }
      - { name: amount, agg: sum, expr: amount }
      - { name: cycle, agg: median, expr: cycle_days }
      - { name: accounts, agg: count_distinct, expr: account_id }
  - name: activities
    model: activities
    defaults: { agg_time_dimension: day }
    entities:
      - { name: rep, type: foreign, expr: rep_id }
    dimensions:
      - { name: day, type: time, type_params: { time_granularity: day } }
      - { name: kind, type: categorical }
      - { name: week, type: categorical, expr: "cast(date_trunc('week', day) as date)" }
    measures:
      - { name: done, agg: count, expr: kind }
metrics:
""" + "".join(
    f"""  - name: {name}
    type: {kind}
    type_params: {params}
{f'    filter: "{condition}"' if condition else '    description: none'}
    meta: {{ counter_metric: won }}
"""
    for name, kind, params, condition in [
        ("won", "simple", "{ measure: closed }", "outcome = 'won'"),
        ("lost", "simple", "{ measure: closed }", "outcome = 'lost'"),
        ("win_rate", "ratio", "{ numerator: won, denominator: decided }", ""),
        ("decided", "simple", "{ measure: closed }", "outcome in ('won', 'lost')"),
        ("bookings", "simple", "{ measure: amount }", "outcome = 'won'"),
        ("average", "ratio", "{ numerator: bookings, denominator: won }", ""),
        ("cycle", "simple", "{ measure: cycle }", "outcome = 'won'"),
        ("customers", "simple", "{ measure: accounts }", "outcome = 'won'"),
        ("bought_before", "builtin", "{ plan: buyer_retention_v1, measure: accounts, output: previous }", "outcome = 'won'"),
        ("kept", "builtin", "{ plan: buyer_retention_v1, measure: accounts, output: retained }", "outcome = 'won'"),
        ("retention", "ratio", "{ numerator: kept, denominator: bought_before }", ""),
        ("activity_count", "simple", "{ measure: done }", ""),
        *((name, "simple", f"{{ measure: {measure} }}", condition) for name, measure, _, condition in MORE),
    ]
)
KPIS = "won,lost,win_rate,bookings,average,cycle"
QUARTER = "((year(close_date) - 2023) * 4 + quarter(close_date))"
SQL_KPIS = f"""select rep_id, {QUARTER} q, count(*) filter (outcome = 'won'), count(*) filter (outcome = 'lost'),
  count(*) filter (outcome = 'won') / count(*) filter (outcome in ('won', 'lost')),
  sum(amount) filter (outcome = 'won'), avg(amount) filter (outcome = 'won'),
  median(cycle_days) filter (outcome = 'won') from opportunities {{where}} group by all"""
SQL_RETENTION = f"""with b as (select distinct rep_id, account_id, {QUARTER} q from opportunities where outcome = 'won')
  select n.rep_id, n.q, count(*), count(p.account_id) from b n
  left join b p on p.rep_id = n.rep_id and p.account_id = n.account_id and p.q = n.q - 1 group by all"""
QUESTIONS = [
    ("per rep × quarter: won, lost, win rate, bookings, average, median cycle", ["--metric", KPIS, "--by", "rep"], SQL_KPIS.format(where="")),
    ("distinct customers and set retention per rep × quarter", ["--metric", "customers,retention", "--by", "rep"], SQL_RETENTION),
    ("activities per rep, week and kind", ["--metric", "activity_count", "--by", "rep,week,kind", "--period", "all"], "select rep_id, date_trunc('week', day) w, kind, count(*) from activities group by all"),
    ("one rep's quarters", ["--metric", KPIS, "--where", "rep_id = 17"], SQL_KPIS.format(where="where rep_id = 17")),
    ("a team of 12: 20 metrics by rep", ["--metric", ",".join([KPIS, *(name for name, *_ in MORE)]), "--by", "rep", "--where", "rep_id between 100 and 111", "--period", "2025-Q3"], SQL_KPIS.format(where="where rep_id between 100 and 111 and close_date >= '2025-07-01' and close_date < '2025-10-01'").replace(" from ", ", " + ", ".join(f"{sql} filter ({condition})" for _, _, sql, condition in MORE) + " from ", 1)),
]


def generate(folder, millions):
    import duckdb

    rows = int(millions * 1_000_000)
    database = duckdb.connect()
    database.execute("set threads = 2; set memory_limit = '8GB'; select setseed(0.42)")
    opportunities = f"""select i as id, cast(hash(i) % 5000 as int) as rep_id, cast(hash(i * 7) % 500000 as int) as account_id,
      date '2023-01-01' + cast(hash(i * 11) % 1096 as int) as close_date, cast(5 + hash(i * 13) % 180 as int) as cycle_days,
      cast(100 + hash(i * 17) % 90000 as decimal(18, 2)) as amount,
      case when hash(i * 19) % 20 < 7 then 'won' when hash(i * 19) % 20 < 18 then 'lost' else 'open' end as outcome
      from range({rows}) t(i)"""
    activities = f"""select cast(hash(i) % 5000 as int) as rep_id, date '2023-01-01' + cast(hash(i * 23) % 1096 as int) as day,
      ['call', 'email', 'meeting', 'demo', 'visit', 'message'][1 + cast(hash(i * 29) % 6 as int)] as kind
      from range({rows * 5}) t(i)"""
    for name, query, order in [("opportunities", opportunities, "date_trunc('month', close_date), rep_id"), ("activities", activities, "date_trunc('month', day), rep_id")]:
        target = os.path.join(folder, "tables", f"{name}.parquet")
        database.execute(f"copy ({query} order by {order}) to '{target}' (format parquet, compression zstd, row_group_size 131072)")


def measured(command):
    times, processor, peak = [], [], 0
    for _ in range(5):
        started = time.monotonic()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        if status != 0:
            raise SystemExit(f"failed: {command}")
        times.append(time.monotonic() - started)
        processor.append(usage.ru_utime + usage.ru_stime)
        peak = max(peak, usage.ru_maxrss / 1024)
    return statistics.median(times), statistics.median(processor), peak


def main():
    attain = os.path.abspath(sys.argv[1])
    millions = float(sys.argv[2]) if len(sys.argv) > 2 else 10
    with tempfile.TemporaryDirectory() as folder:
        for part in ("tables", "definitions"):
            os.mkdir(os.path.join(folder, part))
        with open(os.path.join(folder, "definitions", "workload.yaml"), "w") as file:
            file.write(DEFINITIONS)
        # In a process of its own: what this one holds counts in the peak of those it starts.
        generator = multiprocessing.get_context("fork").Process(target=generate, args=(folder, millions))
        generator.start()
        generator.join()
        if generator.exitcode != 0:
            sys.exit("the data could not be generated")
        print(f"{millions:g} million opportunities, {millions * 5:g} million activities; DuckDB {importlib.metadata.version('duckdb')}")
        print("| question | Attain s | processor s | MB | DuckDB s | processor s | MB | × | × processor |")
        print("|---|---|---|---|---|---|---|---|---|")
        for name, arguments, query in QUESTIONS:
            period = [] if "--period" in arguments else ["--period", ",".join(QUARTERS)]
            ours, our_processor, memory = measured([attain, "query", "--definitions", f"{folder}/definitions", "--tables", f"{folder}/tables", "--format", "csv", *arguments, *period])
            script = f"import duckdb; d = duckdb.connect(); d.execute('set threads = 2'); " + "".join(
                f"d.execute(\"create view {table} as from '{folder}/tables/{table}.parquet'\"); " for table in ("opportunities", "activities")
            ) + f"d.execute({query!r}).fetch_arrow_table() if False else d.execute({query!r}).fetchall()"
            theirs, their_processor, their_memory = measured([sys.executable, "-c", script])
            figures = f"{ours:.2f} | {our_processor:.2f} | {memory:.0f} | {theirs:.2f} | {their_processor:.2f} | {their_memory:.0f}"
            print(f"| {name} | {figures} | {ours / theirs:.1f} | {our_processor / their_processor:.1f} |", flush=True)


main()
