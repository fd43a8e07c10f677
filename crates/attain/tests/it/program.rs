//! The program under test, and answers as maps.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use rust_decimal::Decimal;

/// The mapping of the sample company's files.
pub(crate) fn maven_mapping() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/maven_crm/mapping.yaml")
}

/// The program on a data directory of its own.
pub(crate) struct Program {
    pub(crate) folder: tempfile::TempDir,
    records: Option<String>,
}

impl Program {
    pub(crate) fn new() -> Program {
        Program { folder: tempfile::tempdir().expect("temporary folder"), records: None }
    }

    /// The program with its records on PostgreSQL.
    pub(crate) fn on_postgres(url: String) -> Program {
        Program { records: Some(url), ..Program::new() }
    }

    /// The program with the sample company imported.
    pub(crate) fn with_maven(files: &Path) -> Program {
        let program = Program::new();
        program.import(files, &maven_mapping());
        program
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_attain"));
        command
            .args(arguments)
            .env("ATTAIN_DATA", self.data())
            .env_remove("ATTAIN_RECORDS")
            .stdin(Stdio::null());
        if let Some(url) = &self.records {
            command.env("ATTAIN_RECORDS", url);
        }
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the program starts")
    }

    /// What a command that works prints.
    pub(crate) fn prints(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {errors}");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// What a command that fails says. It fails with code 1 and never panics.
    pub(crate) fn refuses(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {errors}");
        assert!(!errors.contains("panicked"), "{errors}");
        format!("{}{errors}", String::from_utf8_lossy(&output.stdout))
    }

    pub(crate) fn import(&self, input: &Path, mapping: &Path) -> String {
        self.prints(&["import", &input.to_string_lossy(), "--mapping", &mapping.to_string_lossy()])
    }

    pub(crate) fn import_refused(&self, input: &Path, mapping: &Path) -> String {
        self.refuses(&["import", &input.to_string_lossy(), "--mapping", &mapping.to_string_lossy()])
    }

    /// Asks metrics and reads the CSV answer.
    pub(crate) fn ask(&self, metrics: &[&str], by: &str, period: &str) -> Answer {
        let metrics = metrics.join(",");
        let mut arguments = vec!["query", "--metric", &metrics, "--period", period, "--format", "csv"];
        if !by.is_empty() {
            arguments.extend(["--by", by]);
        }
        Answer::read(&self.prints(&arguments))
    }
}

/// A value as exported: absent is an empty cell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Value {
    pub(crate) value: Option<Decimal>,
    pub(crate) numerator: Option<Decimal>,
    pub(crate) denominator: Option<Decimal>,
    pub(crate) n: u64,
    pub(crate) codes: String,
    pub(crate) rank: Option<String>,
}

/// An answer by members (joined by `|`), period and metric.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) values: HashMap<(String, String, String), Value>,
}

impl Answer {
    pub(crate) fn read(csv_text: &str) -> Answer {
        let mut reader = csv::Reader::from_reader(csv_text.as_bytes());
        let header = reader.headers().expect("header").clone();
        let position = |name: &str| header.iter().position(|column| column == name);
        let period = position("period").expect("period");
        let mut values = HashMap::new();
        for record in reader.records() {
            let record = record.expect("record");
            let cell = |name: &str| position(name).and_then(|index| record.get(index)).unwrap_or_default();
            let decimal = |name: &str| (!cell(name).is_empty()).then(|| cell(name).parse().expect("decimal"));
            let members: Vec<&str> = record.iter().take(period).collect();
            let value = Value {
                value: decimal("value"),
                numerator: decimal("numerator"),
                denominator: decimal("denominator"),
                n: cell("n").parse().expect("n"),
                codes: cell("codes").to_owned(),
                rank: position("rank").map(|_| cell("rank").to_owned()),
            };
            let key = (members.join("|"), cell("period").to_owned(), cell("metric").to_owned());
            assert!(values.insert(key.clone(), value).is_none(), "two rows for {key:?}");
        }
        Answer { values }
    }

    pub(crate) fn get(&self, members: &str, period: &str, metric: &str) -> &Value {
        let key = (members.to_owned(), period.to_owned(), metric.to_owned());
        self.values.get(&key).unwrap_or_else(|| panic!("no number for {key:?}"))
    }
}

/// Copies files, as a user keeps a changed copy of an export.
pub(crate) fn copy_files(from: &Path, names: &[&str], to: &Path) {
    for name in names {
        std::fs::copy(from.join(name), to.join(name)).expect("copy");
        let mut permissions = std::fs::metadata(to.join(name)).expect("copy").permissions();
        #[allow(
            clippy::permissions_set_readonly_false,
            reason = "a copy in a temporary folder of the test's own"
        )]
        permissions.set_readonly(false);
        std::fs::set_permissions(to.join(name), permissions).expect("writable");
    }
}

/// The four files of the sample company.
pub(crate) const MAVEN_FILES: [&str; 4] =
    ["sales_teams.csv", "accounts.csv", "products.csv", "sales_pipeline.csv"];
