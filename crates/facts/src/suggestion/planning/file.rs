//! One file: the tables that it fills and what each of its columns becomes.

use std::collections::{BTreeMap, BTreeSet};

use super::super::choices::{Choices, ColumnChoices, FileChoices, Target};
use super::super::keys::KeyColumn;
use super::super::matching::{LIKENESS_MIN, Match, matches, referred_table};
use super::super::names::Words;
use super::super::plan::{ColumnPlan, FilePlan, LookupPlan, Source, TablePlan};
use super::super::profile::Profile;
use super::super::question::{Answer, Place, Question};
use super::super::ready::Ready;
use super::super::samples::Sample;
use super::super::subject::FoundSubject;
use super::super::vocabulary::fields;
use super::super::{Known, SuggestedFile};
use super::columns::{is_translated, read, said, translate};
use super::documents::Listed;
use super::references::Reference;
use super::{key_column, own};
use crate::canonical::{ColumnType, Need, Table};
use crate::mapping::{MadeFile, Mode};

/// What the number of a line in its document is called.
const LINE_NUMBERS: [&str; 8] =
    ["line", "line number", "line no", "position", "pos", "positionsnummer", "item number", "row number"];
/// What the document of a line says.
const OF_DOCUMENTS: [&str; 3] = ["account_id", "employee_id", "invoice_date"];
/// Rows that are shown of a file.
const ROWS_SHOWN: usize = 20;

/// A file that was planned.
pub(super) struct PlannedFile {
    pub(super) file: SuggestedFile,
    pub(super) plan: FilePlan,
    pub(super) questions: Vec<Question>,
}

/// A file being planned.
pub(super) struct FilePlanner<'s> {
    pub(super) sample: &'s Sample,
    pub(super) subject: &'s FoundSubject,
    pub(super) keys: &'s [KeyColumn],
    /// All files of the delivery.
    pub(super) listed: &'s [Listed<'s>],
    pub(super) known: &'s Known,
    pub(super) choices: FileChoices,
    pub(super) matches: Vec<Match>,
    /// The column that identifies rows, if it is one.
    pub(super) key_name: Option<String>,
    pub(super) questions: Vec<Question>,
    pub(super) lookups: Vec<LookupPlan>,
    /// Tables that are filled along the way: those others refer to, and those that refer to the rows.
    pub(super) tables_before: Vec<TablePlan>,
    pub(super) tables_behind: Vec<TablePlan>,
    /// Columns that go into what is computed of several.
    pub(super) looked_at: Vec<String>,
    /// Columns that do not become what they seemed to be, and why.
    pub(super) unused: BTreeMap<String, String>,
}

impl<'s> FilePlanner<'s> {
    pub(super) fn new(
        sample: &'s Sample,
        subject: &'s FoundSubject,
        (keys, listed): (&'s [KeyColumn], &'s [Listed<'s>]),
        known: &'s Known,
        choices: &Choices,
    ) -> FilePlanner<'s> {
        let choices = choices.of(&sample.name);
        let matches = subject.table.map_or_else(Vec::new, |table| matches(sample, table, keys, &choices));
        FilePlanner {
            sample,
            subject,
            keys,
            listed,
            known,
            choices,
            matches,
            key_name: None,
            questions: Vec::new(),
            lookups: Vec::new(),
            tables_before: Vec::new(),
            tables_behind: Vec::new(),
            looked_at: Vec::new(),
            unused: BTreeMap::new(),
        }
    }

    pub(super) fn plan(mut self) -> PlannedFile {
        let tables = match self.subject.table {
            Some(table) => self.plan_tables(table),
            None => Vec::new(),
        };
        let columns = self.columns(&tables);
        let filled: BTreeSet<Table> = tables.iter().map(|table| table.table).collect();
        let left = columns.iter().enumerate().filter(|(at, column)| {
            column.target == Target::None && !self.is_looked_at(*at) && self.subject.table.is_some()
        });
        let left = left.map(|(_, column)| column);
        let left = left.map(|column| (column.name.clone(), column.reason.clone()));
        let left = left.chain(self.sample.left.iter().cloned()).collect();
        let blank = self.sample.columns.iter().flat_map(|column| &column.blank_tokens);
        let blank: BTreeSet<String> = blank.cloned().collect();
        let mode = self.choices.mode.unwrap_or(Mode::Delta);
        let ready = self.ready().filter(|_| !tables.is_empty());
        let footer = self.sample.footer.conditions.iter().filter(|_| !tables.is_empty());
        let plan = FilePlan {
            labels: ready.map_or_else(Vec::new, |ready| self.labels_used(ready, &tables)),
            keep: ready.iter().flat_map(|ready| &ready.keep).chain(footer).cloned().collect(),
            file: self.sample.name.clone(),
            reason: self.subject.reason.clone(),
            notes: self.notes(),
            format: self.sample.declared.clone(),
            mode,
            blank: blank.into_iter().collect(),
            lookups: self.lookups,
            tables,
            left,
            is_looked_up: false,
        };
        let file = SuggestedFile {
            name: self.sample.name.clone(),
            format: self.sample.format.clone(),
            rows_seen: self.sample.rows.len(),
            is_whole: self.sample.is_whole,
            sample_rows: self.sample.rows.iter().take(ROWS_SHOWN).cloned().collect(),
            subject: self.subject.table,
            reason: self.subject.reason.clone(),
            tables: filled.into_iter().collect(),
            mode,
            columns,
            constants: self.choices.constants,
            made: MadeFile::default(),
        };
        PlannedFile { file, plan, questions: self.questions }
    }

    /// The column that becomes a target, and why.
    pub(super) fn matched(&self, target: &str) -> Option<(&'s Profile, String)> {
        let found = self.matches.iter().find(|found| found.target == target)?;
        Some((&self.sample.columns[found.column], found.reason.clone()))
    }

    /// Notes that a column does not become what it seemed to be.
    pub(super) fn note_unused(&mut self, column: &str, why: &str) {
        self.unused.insert(column.to_owned(), why.to_owned());
    }

    /// What has to be known of the file.
    fn notes(&self) -> Vec<String> {
        let (unfit, footer, rows) = (self.sample.unfit, &self.sample.footer.lines, self.sample.rows.len());
        let share = if unfit == 1 { "1 row has".to_owned() } else { format!("{unfit} rows have") };
        let unfit = (unfit > 0).then(|| {
            format!("{share} more or fewer fields than the header, beside {rows} that fit, and will be rejected: lines below a report, perhaps. Remove them from the file, or raise max_reject_share")
        });
        let words = footer.iter().flatten().find(|cell| !cell.trim().is_empty());
        let such_as = words.map(|words| format!(", such as `{}`,", words.trim())).unwrap_or_default();
        let footer = (!footer.is_empty()).then(|| {
            format!(
                "{} of its lines{such_as} are no rows but belong to the report: `keep` filters them",
                footer.len()
            )
        });
        unfit.into_iter().chain(footer).collect()
    }

    /// What is known of the file, if its rows are taken as what is known.
    pub(super) fn ready(&self) -> Option<&'s Ready> {
        self.sample.ready.as_ref().filter(|ready| self.subject.table == Some(ready.table))
    }

    /// The labels that the conditions and computed columns need.
    fn labels_used(&self, ready: &Ready, tables: &[TablePlan]) -> Vec<(String, String)> {
        let columns = tables.iter().flat_map(|table| &table.columns);
        let texts = columns.filter_map(|(_, plan)| match &plan.source {
            Source::Expression(text) => Some(text),
            _ => None,
        });
        let texts: Vec<&String> = texts.chain(&ready.keep).collect();
        let is_used = |(name, _): &&(String, String)| texts.iter().any(|text| text.contains(name.as_str()));
        ready.labels.iter().filter(is_used).cloned().collect()
    }

    fn plan_tables(&mut self, table: Table) -> Vec<TablePlan> {
        let key = self.key(table);
        if key.is_empty() {
            let parts = TablePlan::new(table, Vec::new());
            match table.id_column() {
                // What a row is about identifies it, once that is known.
                None if !self.sample.has_header && self.matches.is_empty() => self.ask_missing(&parts),
                _ => self.ask_key(table),
            }
            return Vec::new();
        }
        let mut main = TablePlan::new(table, key.clone());
        main.unpivot.clone_from(&self.sample.unpivot);
        for column in table.columns() {
            self.plan_column(&mut main, column.name, column.kind);
        }
        self.complete(&mut main, &key);
        if let (Table::Employee, [key]) = (table, key.as_slice()) {
            self.plan_people(key);
            if self.are_listed_elsewhere(key) && !self.tables_behind.is_empty() {
                self.tables_before.append(&mut self.tables_behind);
                let mut tables = std::mem::take(&mut self.tables_before);
                let position = tables.len() - 1;
                tables[position].attributes = own::attributes(self, tables[position].table);
                return tables;
            }
        }
        self.ask_missing(&main);
        main.attributes = own::attributes(self, table);
        let mut tables = std::mem::take(&mut self.tables_before);
        tables.push(main);
        tables.append(&mut self.tables_behind);
        tables
    }

    /// What identifies a row: a column, or else what it is about and when.
    fn key(&mut self, table: Table) -> Vec<Source> {
        if let Some(at) = key_column(self.sample, table, &self.matches) {
            let name = self.sample.columns[at].name.clone();
            self.key_name = Some(name.clone());
            return vec![Source::Column(name)];
        }
        if table.id_column().is_some() && table != Table::Target {
            return self.key_of_lines(table).into_iter().map(Source::Column).collect();
        }
        let parts = table.columns().iter().filter(|column| is_part_of_key(column.name, column.kind));
        let columns = parts.filter_map(|column| self.matched(column.name));
        let mut columns: Vec<String> = columns.map(|(column, _)| column.name.clone()).collect();
        let period = self.matched("period_id").and_then(|(column, _)| self.year_column(column));
        columns.extend(period.map(|year| year.name.clone()));
        let are_told_apart = self.sample.has_header || self.tell_rows_apart(&columns);
        columns.into_iter().filter(|_| are_told_apart).map(Source::Column).collect()
    }

    /// What identifies a line: its document with its number there, or with what was sold.
    fn key_of_lines(&self, table: Table) -> Vec<String> {
        let likeness = |column: &Profile, words: &[Words]| {
            words.iter().map(|words| column.words.likeness(words)).fold(0.0, f64::max)
        };
        let key = fields(table).iter().filter(|field| field.target == "key").flat_map(|field| &field.words);
        let key: Vec<Words> = key.cloned().collect();
        let numbers = LINE_NUMBERS.map(Words::of);
        let columns =
            || self.sample.columns.iter().filter(|column| self.sample.has_header && !column.is_blank());
        let document = columns().filter(|column| likeness(column, &key) >= LIKENESS_MIN);
        let document = document.max_by(|one, other| likeness(one, &key).total_cmp(&likeness(other, &key)));
        let document = self.leading(table).or(document);
        let sold = self.matched("product_id").map(|(column, _)| column);
        let numbered = columns().filter(|column| likeness(column, &numbers) >= LIKENESS_MIN);
        let pairs = numbered.chain(sold).filter_map(|line| Some([document?.name.clone(), line.name.clone()]));
        let mut pairs = pairs.filter(|[document, line]| document != line);
        pairs.find(|pair| self.tell_rows_apart(pair)).map(Vec::from).unwrap_or_default()
    }

    /// Whether no two rows have the same in all of these columns.
    fn tell_rows_apart(&self, columns: &[String]) -> bool {
        let positions = self.sample.columns.iter().enumerate();
        let positions: Vec<usize> =
            positions.filter(|(_, column)| columns.contains(&column.name)).map(|(at, _)| at).collect();
        let mut known = BTreeSet::new();
        let mut rows = self.sample.rows.iter();
        rows.all(|row| known.insert(positions.iter().map(|at| row.get(*at)).collect::<Vec<_>>()))
    }

    /// A column to be chosen, with some of its values where it has no name.
    pub(super) fn answer(&self, column: &Profile) -> Answer {
        match self.sample.has_header {
            true => Answer::plain(&column.name),
            false => {
                Answer::new(&column.name, format!("{} ({})", column.name, column.examples(2).join(", ")))
            }
        }
    }

    fn ask_key(&mut self, table: Table) {
        let file = self.sample.name.clone();
        let unique = self.sample.columns.iter().filter(|column| column.is_unique());
        let answers: Vec<Answer> = unique.map(|column| self.answer(column)).collect();
        let text = match answers.is_empty() {
            true => format!(
                "No column of {file} tells its rows apart, and rows of {table} need a key. Which column is it, or what is a row?"
            ),
            false => format!("Which column of {file} identifies a row? Several would do."),
        };
        let place = Place::Column { file, target: Target::Key.to_string() };
        self.questions.push(Question { place, text, answers, is_needed: true });
    }

    /// Plans a column of the table itself.
    fn plan_column(&mut self, main: &mut TablePlan, target: &'static str, kind: ColumnType) {
        let table = main.table;
        if let Some(constant) = self.choices.constants.get(target) {
            main.columns.push((
                target.to_owned(),
                ColumnPlan::constant(constant, "the same for every row, as you said"),
            ));
            return;
        }
        let computed =
            self.ready().and_then(|ready| ready.computed.iter().find(|(known, _)| known == target));
        if let Some((_, plan)) = computed
            && !self.matches.iter().any(|found| found.target == target && found.is_chosen)
        {
            main.columns.push((target.to_owned(), plan.clone()));
            return;
        }
        let Some((column, reason)) = self.matched(target) else {
            let is_needed =
                table.columns().iter().any(|known| known.name == target && known.need == Need::Always);
            if is_needed || (table == Table::InvoiceLine && OF_DOCUMENTS.contains(&target)) {
                main.columns.extend(self.reach(target, kind).map(|plan| (target.to_owned(), plan)));
            }
            return;
        };
        let chosen = self.choices.column(&column.name);
        let planned = match (referred_table(table, target), kind) {
            (None, ColumnType::Text) if target == "period_id" => self.period(column, &reason),
            (Some(referred), _) => match self.refer(column, referred, &reason) {
                Reference::Read(plan) => Some(plan),
                Reference::Nowhere(why) => {
                    self.note_unused(&column.name, &why);
                    None
                }
            },
            (None, ColumnType::Choice(_)) => Some(self.translated(column, table, target, &chosen, &reason)),
            (None, _) => match read(&self.sample.name, column, kind, &chosen, &reason) {
                Ok(plan) => {
                    let mut plan = self.with_actual(column, kind, plan);
                    if is_translated(kind) && !self.says_outcome(target) {
                        plan.values = said(column, &chosen);
                    }
                    Some(plan)
                }
                Err(question) => {
                    self.note_unused(&column.name, question.text.trim_end_matches('.'));
                    self.questions.push(*question);
                    None
                }
            },
        };
        main.columns.extend(planned.map(|plan| (target.to_owned(), plan)));
    }

    pub(super) fn translated(
        &mut self,
        column: &Profile,
        table: Table,
        target: &'static str,
        chosen: &ColumnChoices,
        reason: &str,
    ) -> ColumnPlan {
        let (plan, questions) = translate(&self.sample.name, column, (table, target), chosen, reason);
        self.questions.extend(questions);
        plan
    }

    /// Whether the values of what becomes `target` are said to be open, won or lost: stages are, where no
    /// column of its own says so.
    pub(super) fn says_outcome(&self, target: &str) -> bool {
        self.subject.table == Some(Table::Opportunity)
            && target == "stage"
            && self.matched("outcome").is_none()
    }

    /// Whether something is computed of a column.
    pub(super) fn is_looked_at(&self, at: usize) -> bool {
        self.looked_at.contains(&self.sample.columns[at].name)
            || self.ready().is_some_and(|ready| ready.looked_at.contains(&at))
    }

    /// Whether a column becomes something of the table or hangs on it.
    pub(super) fn is_used(&self, at: usize) -> bool {
        if self.is_looked_at(at) {
            return true;
        }
        let name = &self.sample.columns[at].name;
        let is_key = self.key_name.as_ref() == Some(name);
        is_key || (self.matches.iter().any(|found| found.column == at) && !self.unused.contains_key(name))
    }

    /// Whether a question about how to read a column is open.
    pub(super) fn is_asked(&self, column: &str) -> bool {
        self.questions
            .iter()
            .any(|question| matches!(&question.place, Place::Format { column: asked, .. } if asked == column))
    }
}

fn is_part_of_key(name: &str, kind: ColumnType) -> bool {
    let is_named = matches!(
        name,
        "valid_from"
            | "from"
            | "month"
            | "seq"
            | "kind"
            | "course"
            | "campaign"
            | "period_id"
            | "kpi_id"
            | "rate_set"
            | "rate_date"
            | "from_ccy"
            | "to_ccy"
            | "contact_id"
            | "assigned_on"
            | "submitted_at"
            | "changed_at"
            | "responded_at"
            | "category"
    );
    is_named
        || (matches!(kind, ColumnType::Reference(_) | ColumnType::Subject(_))
            && name != "changed_by"
            && name != "approved_by")
}
