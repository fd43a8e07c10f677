//! The whole catalogue against independent check queries (domain 4).
//!
//! A made-up company ([`fixture`]) is imported the way a real one is; the same rows lie in SQLite,
//! where each metric is a plain query written from the text of the domain ([`ground`], and a file
//! per subsection). [`check`] asks the product and compares, for the company, each region, each
//! seller and what is unassigned, in every quarter. A metric the catalogue lacks fails its test.
//! The worked examples of the domain run through the same import in [`examples`].

mod activity;
mod check;
mod customers;
mod efficiency;
mod examples;
mod fixture;
mod forecasts;
mod ground;
mod invariants;
mod leads;
mod levels;
mod managers;
mod office;
mod outcomes;
mod pipeline;
mod plain_files;
mod qualifying;
mod quality;

use std::path::Path;
use std::sync::{LazyLock, Mutex, PoisonError};

use attain_metrics::{Asker, Dimension, Number, Period, Reach, Subject};
use tokio::runtime::Runtime;

use fixture::KNOWN;
use fixture::plans::QUARTERS;
use ground::Ground;
use office::Told;

/// The company, taken in by the product and by SQLite.
pub(crate) struct Checked {
    runtime: Runtime,
    asker: Asker,
    ground: Ground,
    periods: Vec<Period>,
    /// Checks ask one after the other: that questions may be asked at once has a test of its own.
    asking: Mutex<()>,
}

static COMPANY: LazyLock<Checked> = LazyLock::new(Checked::open);

impl Checked {
    /// The one company all checks share.
    pub(crate) fn company() -> &'static Checked {
        &COMPANY
    }

    fn open() -> Checked {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("checked-company");
        if folder.exists() {
            std::fs::remove_dir_all(&folder).expect("an old company is removed");
        }
        let runtime = Runtime::new().expect("a runtime");
        let sheets = fixture::company();
        let told =
            Told { covers: ("2024-01-01", "2025-11-15"), known: KNOWN, working_days: office::WEEKDAYS };
        let ground = runtime.block_on(Ground::fill(&sheets));
        let asker = runtime.block_on(office::open(&sheets, &told, &folder));
        let periods = office::periods(QUARTERS.iter().map(|(key, _, _)| *key));
        Checked { runtime, asker, ground, periods, asking: Mutex::default() }
    }

    pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// A metric of every quarter, of the company as a whole or split.
    pub(crate) fn ask(&self, metric: &str, by: &[Dimension]) -> Vec<Number> {
        self.ask_about(metric, Subject::Company, by)
    }

    /// The same about one subject.
    pub(crate) fn ask_about(&self, metric: &str, subject: Subject, by: &[Dimension]) -> Vec<Number> {
        let question = office::question(metric, subject, by, &self.periods);
        let answer = {
            let _one_at_a_time = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
            self.block_on(self.asker.ask(&question, &Reach::Everything))
        };
        office::numbers_in(metric, answer)
    }
}
