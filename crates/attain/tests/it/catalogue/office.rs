//! Takes rows in through the real mapping and import, and opens them for questions.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use attain_facts::import::{Delivery, import};
use attain_facts::mapping::Mapping;
use attain_facts::store::{Migrator, Store};
use attain_metrics::{
    Answer, Asker, Calendar, Dimension, Editions, MetricsError, Number, Period, Question, RateMode, Reach,
    Subject, Versions,
};
use attain_records::{Actor, Records};
use jiff::Timestamp;

use super::fixture::sheet::{Sheets, columns};

/// What a mapping says about the company and its delivery.
pub(crate) struct Told<'t> {
    /// First day told about, and the day after the last.
    pub(crate) covers: (&'t str, &'t str),
    /// The instant of the import and of the questions.
    pub(crate) known: &'t str,
    /// The days worked, in YAML's flow style.
    pub(crate) working_days: &'t str,
}

/// Monday to Friday.
pub(crate) const WEEKDAYS: &str = "{ weekdays: [mon, tue, wed, thu, fri] }";

/// A mapping in which columns are called as in the canonical tables, and files as the tables are.
fn mapping(sheets: &Sheets, told: &Told<'_>, files: usize) -> String {
    let mut text = format!(
        "source: crm
company:
  name: Checked company
  time_zone: Europe/Berlin
  currency: EUR
  calendar: {{ kind: month_offset, first_month: 1 }}
  working_days: {}
covers: {{ from: {}, to: {} }}
max_reject_share: 0
files:
",
        told.working_days, told.covers.0, told.covers.1
    );
    for table in sheets.tables() {
        let filled = |column: &&str| sheets.rows(table).iter().any(|row| row.contains_key(column));
        let columns: Vec<String> = columns(table)
            .into_iter()
            .filter(|column| *column != "id")
            .filter(|column| filled(column))
            .map(|column| format!("{column}: {column}"))
            .collect();
        // A file of several is not all there is of its table.
        let mode = if files > 1 { "delta" } else { "full" };
        for file in 0..files.min(sheets.rows(table).len()) {
            text.push_str(&format!(
                "  - file: {table}-{file}.csv\n    mode: {mode}\n    tables: [{{ table: {table}, key: id, columns: {{ {} }} }}]\n",
                columns.join(", ")
            ));
        }
    }
    text
}

/// Imports what was made into an empty folder, at that instant, and opens it at the same one.
pub(crate) async fn open(sheets: &Sheets, told: &Told<'_>, folder: &Path) -> Asker {
    open_in(sheets, told, folder, 1).await
}

/// The same with every table in so many files.
pub(crate) async fn open_in(sheets: &Sheets, told: &Told<'_>, folder: &Path, files: usize) -> Asker {
    let input = folder.join("in");
    std::fs::create_dir_all(&input).expect("a folder for deliveries");
    for table in sheets.tables() {
        for (file, text) in sheets.csv(table, files).into_iter().enumerate() {
            std::fs::write(input.join(format!("{table}-{file}.csv")), text).expect("written");
        }
    }
    let store = store_in(folder).await;
    let text = mapping(sheets, told, files);
    let mapping = Mapping::parse(Path::new("mapping.yaml"), text.clone())
        .unwrap_or_else(|error| panic!("{error}\n{text}"));
    let known: Timestamp = told.known.parse().expect("an instant");
    let inputs: [PathBuf; 1] = [input];
    let rejects = folder.join("rejects");
    let delivery = Delivery {
        mapping: &mapping,
        inputs: &inputs,
        left_out: &[],
        rejects_folder: Some(&rejects),
        clock: &|| known,
    };
    let actor = Actor::local_owner();
    let imported = import(&store, &actor, &delivery, &mut || [7; 16], &|_| ControlFlow::Continue(()))
        .await
        .unwrap_or_else(|error| panic!("{error:?}"));
    let rejected: Vec<_> = imported.report.files.iter().flat_map(|file| &file.rejected).collect();
    assert!(rejected.is_empty(), "every row is taken: {rejected:?}");
    asker(&store, known).await
}

/// The store of a folder.
pub(crate) async fn store_in(folder: &Path) -> Store {
    let url = format!("sqlite://{}?mode=rwc", folder.join("attain.db").display());
    let records = Records::open::<Migrator>(&url).await.expect("records");
    Store::new(records, folder.join("facts"))
}

/// Opens what holds now for questions asked at an instant.
pub(crate) async fn asker(store: &Store, known: Timestamp) -> Asker {
    let snapshot =
        store.newest(&Actor::local_owner()).await.expect("a readable store").expect("something was imported");
    let editions = Editions::new(&[], &Versions::default()).expect("definitions");
    Asker::open(Arc::new(snapshot), Arc::new(editions), known).await.expect("an organisation")
}

/// The periods of those names.
pub(crate) fn periods<'n>(names: impl IntoIterator<Item = &'n str>) -> Vec<Period> {
    let calendar = Calendar::starting_in(1).expect("a month");
    names.into_iter().map(|name| calendar.parse(name).expect("a period")).collect()
}

/// One metric of a subject, split or as a whole, in money as it is shown by default.
pub(crate) fn question(metric: &str, subject: Subject, by: &[Dimension], periods: &[Period]) -> Question {
    Question {
        metrics: vec![metric.to_owned()],
        subject,
        by: by.to_vec(),
        periods: periods.to_vec(),
        filter: None,
        rates: RateMode::default(),
    }
}

/// The numbers that answer a question.
///
/// # Panics
/// When the catalogue lacks the metric or refuses the question.
pub(crate) async fn numbers(asker: &Asker, question: &Question) -> Vec<Number> {
    numbers_in(&question.metrics[0], asker.ask(question, &Reach::Everything).await)
}

/// The numbers of an answer.
///
/// # Panics
/// When there is none.
pub(crate) fn numbers_in(metric: &str, answer: Result<Answer, MetricsError>) -> Vec<Number> {
    match answer {
        Ok(answer) => answer.numbers,
        Err(MetricsError::UnknownMetric { name, .. }) => panic!("the catalogue lacks `{name}`"),
        Err(error) => panic!("`{metric}` cannot be asked: {error}"),
    }
}
