//! Killed processes, full disks, cut connections: afterwards everything of an import is there or
//! nothing, and importing again makes it whole.
//!
//! CI kills a few imports at random moments. `ATTAIN_KILLS=50 cargo test -p attain --test it
//! faults -- --nocapture` is a campaign; `ATTAIN_DEALS` makes its deliveries larger and
//! `ATTAIN_SEED` repeats the moments of an earlier one.

mod databases;
pub(crate) mod deliveries;
mod disks;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use attain_facts::import::sweep_if_due;
use attain_facts::store::Store;
use attain_records::audit::{Verdict, verify};
use attain_records::{Actor, Records, sqlite_url};
use attain_testing::Postgres;
use jiff::{SignedDuration, Timestamp};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::migration::Migrator;
use crate::program::Program;
use deliveries::Deliveries;

const NOTHING: &str = "nothing";

/// What the program answers: every figure of every person in every month.
pub(crate) fn state(program: &Program) -> String {
    let metrics = "opportunities,opps_created,deals_won,deals_lost,bookings,customers";
    let arguments = ["query", "--metric", metrics, "--by", "rep", "--period", "all,month", "--format", "csv"];
    let output = program.run(&arguments);
    if output.status.success() {
        return String::from_utf8(output.stdout).expect("UTF-8");
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("nothing was imported into"), "{errors}");
    NOTHING.to_owned()
}

fn import_command(program: &Program, files: &Path, mapping: &Path) -> Command {
    program.command(&["import", &files.to_string_lossy(), "--mapping", &mapping.to_string_lossy()])
}

fn start_import(program: &Program, files: &Path, mapping: &Path) -> Child {
    let mut import = import_command(program, files, mapping);
    import.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts")
}

/// What a command says that fails, and never by a panic.
fn said_by_failure(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(!errors.contains("panicked"), "{errors}");
    errors
}

fn wait_until(holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(60), "it never came to that");
        std::thread::sleep(Duration::from_millis(1));
    }
}

// Killed at random moments.

/// How many imports a campaign kills.
pub(crate) fn kills() -> usize {
    std::env::var("ATTAIN_KILLS").map_or(4, |kills| kills.parse().expect("ATTAIN_KILLS is a number"))
}

/// Moments spread over a duration and a little beyond it.
pub(crate) fn moments(count: usize, within: Duration) -> impl Iterator<Item = Duration> {
    let seed =
        std::env::var("ATTAIN_SEED").map_or_else(|_| rand::random(), |seed| seed.parse().expect("a seed"));
    println!("ATTAIN_SEED={seed}, {count} kills within {within:?}");
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    (0..count).map(move |place| {
        let share = f64::from(chance.next_u32()) / f64::from(u32::MAX);
        within.mul_f64(1.05 * (place as f64 + share) / count as f64)
    })
}

/// Where kills fell.
#[derive(Debug, Default)]
struct Fell {
    before_the_commit: usize,
    after_the_commit: usize,
    after_the_end: usize,
}

/// Kills an import, sees that all of it or nothing happened, and imports again.
fn kill(
    program: &Program,
    [files, mapping]: [&Path; 2],
    [before, after]: [&str; 2],
    wait: impl FnOnce(&mut Child),
    fell: &mut Fell,
) {
    let mut import = start_import(program, files, mapping);
    wait(&mut import);
    let ended = import.try_wait().expect("a process").is_some();
    import.kill().expect("killed");
    import.wait().expect("ended");
    let found = state(program);
    assert!(found == before || found == after, "half of an import is there:\n{found}");
    let report = program.import(files, mapping);
    assert_eq!(report.contains(": 0 changes;"), found == after, "{report}");
    assert_eq!(state(program), after, "killed and imported again");
    match (ended, found == after) {
        (true, _) => fell.after_the_end += 1,
        (false, true) => fell.after_the_commit += 1,
        (false, false) => fell.before_the_commit += 1,
    }
}

fn kill_first_imports(new_program: &dyn Fn() -> Program, count: usize) {
    let deliveries = Deliveries::write();
    let undisturbed = new_program();
    let start = Instant::now();
    undisturbed.import(&deliveries.first, &deliveries.mapping);
    let within = start.elapsed();
    let after = state(&undisturbed);
    let mut fell = Fell::default();
    for at in moments(count, within) {
        let delivery = [&*deliveries.first, &*deliveries.mapping];
        kill(&new_program(), delivery, [NOTHING, &after], |_| std::thread::sleep(at), &mut fell);
    }
    println!("first imports: {fell:?}");
}

/// Two deliveries replace one another in turn, each killed at first.
fn kill_later_imports(program: &Program, count: usize) {
    let deliveries = Deliveries::write();
    program.import(&deliveries.first, &deliveries.mapping);
    let first = state(program);
    let start = Instant::now();
    program.import(&deliveries.second, &deliveries.mapping);
    let within = start.elapsed();
    let second = state(program);
    assert_ne!(first, second);
    let mut fell = Fell::default();
    for (turn, at) in moments(count, within).enumerate() {
        let (files, states) = match turn % 2 {
            0 => (&deliveries.first, [&*second, &*first]),
            _ => (&deliveries.second, [&*first, &*second]),
        };
        let delivery = [files, &*deliveries.mapping];
        kill(program, delivery, states, |_| std::thread::sleep(at), &mut fell);
    }
    println!("later imports: {fell:?}");
}

#[test]
fn a_first_import_that_is_killed_is_there_as_a_whole_or_not_at_all() {
    kill_first_imports(&Program::new, kills());
}

#[test]
fn a_later_import_that_is_killed_leaves_the_old_state_or_the_new_one() {
    let program = Program::new();
    kill_later_imports(&program, kills());
    with_store(&program, async |store| {
        let imports = store.imports(&Actor::local_owner(), 1_000).await.expect("imports").len() as u64;
        let verdict = verify(store.records(), &Actor::local_owner()).await.expect("a verdict");
        // Beside the imports, the one mapping they were read by was saved.
        let expected = imports + 1;
        assert!(matches!(verdict, Verdict::Intact { entries, .. } if entries == expected), "{verdict:?}");
    });
}

#[test]
fn an_import_that_is_killed_while_it_commits_is_there_as_a_whole_or_not_at_all() {
    let deliveries = Deliveries::write();
    let program = Program::new();
    program.import(&deliveries.first, &deliveries.mapping);
    let before = state(&program);
    let log = program.data().join("attain.db-wal");
    let commits = |import: &mut Child| {
        let has_begun = || fs::metadata(&log).is_ok_and(|log| log.len() > 0);
        while !has_begun() && import.try_wait().expect("a process").is_none() {}
    };
    let newcomers = [&*deliveries.newcomers, &*deliveries.mapping_of_some];
    let undisturbed = Program::new();
    undisturbed.import(&deliveries.first, &deliveries.mapping);
    undisturbed.import(&deliveries.newcomers, &deliveries.mapping_of_some);
    let mut fell = Fell::default();
    kill(&program, newcomers, [&before, &state(&undisturbed)], commits, &mut fell);
    println!("while committing: {fell:?}");
}

#[test]
fn imports_with_records_on_postgresql_survive_being_killed_as_well() {
    let Some(server) = Postgres::shared() else { return };
    let new_program = || Program::on_postgres(server.create_database());
    kill_first_imports(&new_program, kills().div_ceil(4));
    kill_later_imports(&new_program(), kills().div_ceil(2));
}

/// Opens what a program keeps in its data directory.
fn with_store(program: &Program, action: impl AsyncFnOnce(Store)) {
    tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
        let url = sqlite_url(&program.data().join("attain.db"));
        let records = Records::open::<Migrator>(&url).await.expect("records");
        action(Store::new(records, program.data().join("facts"))).await;
    });
}

// What is left behind.

/// The files of the facts, by path.
fn fact_files(program: &Program) -> BTreeSet<String> {
    let facts = program.data().join("facts");
    let folders = fs::read_dir(&facts).expect("facts").flatten().filter(|entry| entry.path().is_dir());
    let files = folders.flat_map(|folder| fs::read_dir(folder.path()).into_iter().flatten().flatten());
    let inside = |path: &Path| path.strip_prefix(&facts).expect("inside").to_string_lossy().into_owned();
    files.map(|file| inside(&file.path())).collect()
}

/// Kills an import of the second delivery once it has written files.
fn kill_while_writing(program: &Program, deliveries: &Deliveries) {
    let before = fact_files(program);
    let mut import = start_import(program, &deliveries.second, &deliveries.mapping);
    wait_until(|| fact_files(program).contains("opportunity/current-2024-03-000002.parquet"));
    import.kill().expect("killed");
    import.wait().expect("ended");
    assert!(fact_files(program).len() > before.len() + 10, "a killed import leaves files");
}

#[test]
fn files_of_a_killed_import_go_with_the_next_one_and_replaced_ones_after_an_hour() {
    let deliveries = Deliveries::write();
    let [undisturbed, killed] = [false, true].map(|is_killed| {
        let program = Program::new();
        program.import(&deliveries.first, &deliveries.mapping);
        if is_killed {
            kill_while_writing(&program, &deliveries);
        }
        program.import(&deliveries.correction, &deliveries.mapping_of_some);
        program
    });
    let answered = state(&undisturbed);
    assert_eq!(state(&killed), answered);
    let files = fact_files(&undisturbed);
    assert_eq!(fact_files(&killed), files);
    with_store(&killed, async |store| {
        let in_two_hours = Timestamp::now() + SignedDuration::from_hours(2);
        sweep_if_due(&store, &Actor::local_owner(), "test", in_two_hours).await.expect("swept");
    });
    let replaced: Vec<String> = files.difference(&fact_files(&killed)).cloned().collect();
    assert_eq!(replaced, ["opportunity/current-2023-01-000001.parquet"]);
    assert_eq!(state(&killed), answered);
}

// Two at once.

fn signal(import: &Child, signal: &str) {
    let sent = Command::new("kill").args([signal, &import.id().to_string()]).status().expect("kill");
    assert!(sent.success());
}

/// An import that has begun to read and stands still.
fn start_and_hold_import(program: &Program, files: &Path, mapping: &Path) -> Child {
    let import = start_import(program, files, mapping);
    wait_until(|| program.data().join("facts/staging/opportunity-staged.parquet").exists());
    signal(&import, "-STOP");
    import
}

#[test]
fn a_second_import_at_the_same_time_is_refused() {
    let deliveries = Deliveries::write();
    let program = Program::new();
    let import = start_and_hold_import(&program, &deliveries.first, &deliveries.mapping);
    let said = program.import_refused(&deliveries.second, &deliveries.mapping);
    assert!(said.contains("another import is under way in "), "{said}");
    assert!(said.contains("wait until it has ended. Nothing was imported"), "{said}");
    signal(&import, "-CONT");
    let output = import.wait_with_output().expect("ended");
    assert!(String::from_utf8_lossy(&output.stdout).contains("Import 1: "), "the first one goes on");
    let report = program.import(&deliveries.first, &deliveries.mapping);
    assert!(report.contains("Import 2: 0 changes"), "{report}");
}
