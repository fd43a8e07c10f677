//! Disks that are full, and data directories that cannot be used.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::deliveries::Deliveries;
use super::{fact_files, import_command, said_by_failure, state};
use crate::program::Program;

/// Imports where no file may grow beyond a number of blocks of 512 bytes, as on a full disk.
fn import_on_full_disk(program: &Program, blocks: u32, files: &Path, mapping: &Path) -> String {
    let import = import_command(program, files, mapping);
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
    let mut shell = Command::new("sh");
    shell.args(["-c", &script, "sh"]).arg(import.get_program()).args(import.get_args());
    for (name, value) in import.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    said_by_failure(&shell.stdin(Stdio::null()).output().expect("a shell"))
}

/// Blocks at which everything fits but what the records say of it.
const RECORDS_FULL: u32 = 310;
/// Where a full disk shows as more and more fits, and what is said.
const FULL: [(u32, &str); 5] = [
    (
        8,
        "could not open the records in data/attain.db: disk I/O error; nothing was changed. Check that it exists, that Attain may write to it and that the disk is not full",
    ),
    (
        100,
        "could not write data/facts/staging/account-staged.parquet: File too large (os error 27); nothing was changed",
    ),
    (
        185,
        "could not write data/facts/staging/opportunity-staged.parquet: File too large (os error 27); nothing was changed",
    ),
    (
        230,
        "could not write data/facts/opportunity/current-open-000002.parquet: File too large (os error 27); nothing was changed",
    ),
    (
        RECORDS_FULL,
        "the records in data/attain.db did not confirm a change: disk I/O error; look whether it was made before you repeat it. Importing the same files again is safe: what is known already changes nothing",
    ),
];

#[test]
fn a_full_disk_changes_nothing_wherever_it_shows() {
    // So many that the file which theirs become part of is larger than what is staged of the newcomers.
    let deliveries = Deliveries::of(30_000);
    let program = Program::new();
    program.import(&deliveries.first, &deliveries.mapping);
    let (before, files) = (state(&program), fact_files(&program));
    let import =
        |blocks| import_on_full_disk(&program, blocks, &deliveries.newcomers, &deliveries.mapping_of_some);
    for (blocks, says) in FULL {
        let said = import(blocks).replace(&format!("{}/", program.folder.path().display()), "");
        assert_eq!(said.trim_end(), format!("error: {says}"), "{blocks} blocks");
        assert_eq!(state(&program), before, "{blocks} blocks");
        if blocks < RECORDS_FULL {
            assert_eq!(fact_files(&program), files, "{blocks} blocks");
        }
    }
    let report = program.import(&deliveries.newcomers, &deliveries.mapping_of_some);
    assert!(report.contains("Import 2: 1800 changes (1800 created, 0 changed, 0 deleted)"), "{report}");
}

#[test]
fn a_data_directory_that_cannot_be_used_is_named() {
    let deliveries = Deliveries::of(10);
    let program = Program::new();
    let folder = program.folder.path();
    fs::write(folder.join("file"), "").expect("written");
    fs::create_dir_all(folder.join("one/attain.db")).expect("a folder");
    fs::create_dir(folder.join("two")).expect("a folder");
    fs::write(folder.join("two/facts"), "").expect("written");
    for (data, says) in [
        ("file", "file is a file; give --data a directory"),
        (
            "file/data",
            "could not create the data directory file/data: Not a directory (os error 20); give another with --data",
        ),
        (
            "one",
            "could not open the records in one/attain.db: unable to open database file; nothing was changed. Check that it exists,",
        ),
        ("two", "could not create two/facts: File exists (os error 17); nothing was changed"),
    ] {
        let mut import = import_command(&program, &deliveries.first, &deliveries.mapping);
        let output = import.env("ATTAIN_DATA", folder.join(data)).output().expect("the program starts");
        let said = said_by_failure(&output).replace(&format!("{}/", folder.display()), "");
        assert!(said.contains(says), "{said}\ndoes not say\n{says}");
    }
}

#[test]
fn a_data_directory_may_have_any_name() {
    let deliveries = Deliveries::of(50);
    let program = Program::new();
    let data = program.folder.path().join("50 % off? [a-b] *#&+ßあ");
    let run = |mut command: Command| {
        let output = command.env("ATTAIN_DATA", &data).output().expect("the program starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    for number in 1..=2 {
        let report = run(import_command(&program, &deliveries.first, &deliveries.mapping));
        assert!(report.contains(&format!("Import {number}: ")), "{report}");
        assert_eq!(report.contains(": 0 changes"), number == 2, "{report}");
    }
    let arguments = ["query", "--metric", "opportunities", "--format", "csv"];
    assert!(run(program.command(&arguments)).contains("all,opportunities,50,"));
}
