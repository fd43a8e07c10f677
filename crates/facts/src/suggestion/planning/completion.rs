//! What follows from other columns, or holds where files do not say it; and questions about what is
//! still missing.

use std::collections::BTreeMap;

use super::super::currency::{currencies, named_in};
use super::super::names::Words;
use super::super::plan::{ColumnPlan, Source, TablePlan, quoted_column};
use super::super::profile::Profile;
use super::super::question::{Answer, Place, Question};
use super::columns::read;
use super::file::FilePlanner;
use crate::canonical::{ColumnType, Need, Table};

/// Answers that are no column: the same text for every row.
const CONSTANT: &str = "= ";

/// Columns whose currency stands in another one.
const CURRENCIES: [(&str, &str); 9] = [
    ("amount", "amount_ccy"),
    ("list_price", "list_price_ccy"),
    ("net_amount", "net_amount_ccy"),
    ("mrr", "mrr_ccy"),
    ("recurring_amount", "recurring_amount_ccy"),
    ("potential", "potential_ccy"),
    ("amount", "ccy"),
    ("pay", "ccy"),
    ("value", "currency"),
];

/// What holds where files do not say it.
const USUAL: [(Table, &str, &str, &str); 6] = [
    (Table::ForecastSubmission, "kpi_id", "bookings", "of what is sold; correct it if it is another metric"),
    (Table::Target, "subject_kind", "employee", "a row is about a person"),
    (Table::Target, "kind", "quota", "it is to be reached; correct it if it is something else"),
    (Table::Target, "kpi_id", "bookings", "of what is sold; correct it if it is another metric"),
    (Table::FxRate, "rate_set", "spot", "rates of the day"),
    (Table::ManagerAssignment, "kind", "line", "one manager each"),
];

/// What is called what is taken off a price.
const DISCOUNTS: [&str; 3] = ["discount", "unit price discount", "rabatt"];

/// Words in the names of columns with what is not known yet.
const ESTIMATED: [&str; 4] = ["est", "estimated", "expected", "planned"];

impl FilePlanner<'_> {
    /// What follows from the other columns: names, outcomes, currencies.
    pub(super) fn complete(&mut self, main: &mut TablePlan, key: &[Source]) {
        self.complete_names(main, key);
        if main.table == Table::Opportunity
            && !main.has("outcome")
            && let Some((column, _)) = self.matched("stage")
        {
            let chosen = self.choices.column(&column.name);
            let reason = format!("`{}` says whether a deal is open, won or lost", column.name);
            let plan = self.translated(column, main.table, "outcome", &chosen, &reason);
            main.columns.push(("outcome".into(), plan));
        }
        if main.table == Table::InvoiceLine {
            self.complete_amount(main);
            self.complete_credits(main);
        }
        if main.table == Table::Employee
            && !main.has("role")
            && let Some(deals) = self.deals_they_own()
        {
            let reason =
                format!("they own the deals of {deals}; correct it where somebody does something else");
            main.columns.push(("role".into(), ColumnPlan::constant("AE", reason)));
        }
        for (amount, currency) in CURRENCIES {
            let has_currency =
                main.table.column(currency).is_some_and(|(_, column)| column.kind == ColumnType::Currency);
            if has_currency && main.has(amount) && !main.has(currency) {
                let beside = self.matched(amount).or_else(|| self.matched("list_unit_price"));
                let plan = beside.and_then(|(column, _)| self.currency_beside(column));
                let company = || ColumnPlan::of(Source::CompanyCurrency, "no column has it: the company's");
                main.columns.push((currency.to_owned(), plan.unwrap_or_else(company)));
            }
        }
        for (table, target, text, why) in USUAL {
            if main.table == table && !main.has(target) {
                main.columns.push((target.to_owned(), ColumnPlan::constant(text, why)));
            }
        }
    }

    /// The currency that stands beside the numbers of a column; asks what a mark stands for that several
    /// countries use.
    fn currency_beside(&mut self, column: &Profile) -> Option<ColumnPlan> {
        let chosen = self.choices.column(&column.name).values;
        let mut codes: BTreeMap<&str, String> = BTreeMap::new();
        let marks = column.marks.of_currencies();
        for mark in &marks {
            match (chosen.get(*mark), currencies(mark).as_slice()) {
                (Some(code), _) | (None, [code]) => drop(codes.insert(mark, code.clone())),
                (None, several) if column.marks.differ() || marks.len() == 1 => {
                    self.questions.push(self.ask_currency(column, mark, several));
                }
                (None, _) => {}
            }
        }
        if marks.is_empty() {
            let reason = format!("`{}` says so", column.name);
            return named_in(&column.name).map(|code| ColumnPlan::constant(&code, reason));
        }
        let reason = format!("it stands in `{}`: {}", column.name, column.examples(2).join(", "));
        let source = match codes.values().next() {
            _ if column.marks.differ() => {
                Source::Expression(column.marks.currency_in(&quoted_column(&column.name), &codes))
            }
            Some(code) => Source::Constant(code.clone()),
            None => Source::CompanyCurrency,
        };
        Some(ColumnPlan::of(source, reason))
    }

    fn ask_currency(&self, column: &Profile, mark: &str, currencies: &[String]) -> Question {
        let (file, name) = (&self.sample.name, &column.name);
        Question {
            place: Place::Value { file: file.clone(), column: name.clone(), value: mark.to_owned() },
            text: format!("Which currency is `{mark}` in `{name}` of {file}?"),
            answers: currencies.iter().map(|code| Answer::plain(code)).collect(),
            is_needed: true,
        }
    }

    /// What is expected until it is known: the actual value where there is one. An amount of zero is none.
    pub(super) fn with_actual(&mut self, column: &Profile, kind: ColumnType, plan: ColumnPlan) -> ColumnPlan {
        let is_known_later = matches!(kind, ColumnType::Date | ColumnType::Amount | ColumnType::Decimal);
        let mut estimated = ESTIMATED.iter().filter(|_| is_known_later);
        let actual = estimated.find_map(|word| column.words.with(word, "actual"));
        let is_actual = |other: &&Profile| actual.as_ref().is_some_and(|words| other.words == *words);
        let Some(actual) = self.sample.columns.iter().find(is_actual) else { return plan };
        let chosen = self.choices.column(&actual.name);
        let Ok(known) = read(&self.sample.name, actual, kind, &chosen, "") else { return plan };
        let (known, expected) = (typed(&known, kind), typed(&plan, kind));
        let known = if kind == ColumnType::Date { known } else { format!("nullif({known}, 0)") };
        self.looked_at.push(actual.name.clone());
        let reason = format!("{}; `{}` where there is one", plan.reason, actual.name);
        ColumnPlan::of(Source::Expression(format!("coalesce({known}, {expected})")), reason)
    }

    /// Lines with less than nothing are credits, where no column says so; of which kind the others are, is
    /// asked.
    fn complete_credits(&mut self, main: &mut TablePlan) {
        let quantity = main.columns.iter().find(|(name, _)| name == "quantity").map(|(_, plan)| plan);
        let is_negative = |value: &String| value.starts_with(['-', '(']) || value.ends_with('-');
        let negative = self.matched("quantity").filter(|(column, _)| column.values.keys().any(is_negative));
        let (Some(quantity), Some((column, _)), None) = (quantity, negative, self.matched("kind")) else {
            return;
        };
        let number = typed(quantity, ColumnType::Decimal);
        let Some(others) = self.choices.constants.get("kind") else {
            let file = self.sample.name.clone();
            let kinds = [
                ("one_off", "sold once"),
                ("new", "new business that recurs"),
                ("renewal", "renewals"),
                ("expansion", "more for those who have it already"),
            ];
            self.questions.push(Question {
                text: format!(
                    "Lines of {file} with a `{}` below zero are credits. What are the others? Credits are rejected until you say.",
                    column.name
                ),
                place: Place::Constant { file, target: "kind".into() },
                answers: kinds.map(|(kind, label)| Answer::new(kind, label)).to_vec(),
                is_needed: false,
            });
            return;
        };
        let others = Source::Constant(others.clone()).in_expression();
        let kind = Source::Expression(format!("case when {number} < 0 then 'credit' else {others} end"));
        let reason = format!("`{}` is below zero in what is credited; the others as you said", column.name);
        main.columns.retain(|(name, _)| name != "kind");
        main.columns.push(("kind".into(), ColumnPlan::of(kind, reason)));
    }

    /// What a line comes to, where only its price and quantity are said.
    fn complete_amount(&self, main: &mut TablePlan) {
        let number = |target: &str| {
            let found = main.columns.iter().find(|(name, _)| name == target)?;
            Some(typed(&found.1, ColumnType::Decimal))
        };
        if main.has("net_amount") {
            return;
        }
        if let (Some(price), Some(quantity)) = (number("list_unit_price"), number("quantity")) {
            let (product, reason) = match self.discount() {
                None => (format!("{price} * {quantity}"), "price times quantity".to_owned()),
                Some(column) if is_share(column) => {
                    let share = typed(&ColumnPlan::column(&column.name, ""), ColumnType::Decimal);
                    (
                        format!("round({price} * {quantity} * (1 - coalesce({share}, 0)), 6)"),
                        format!("price times quantity, less the share `{}`", column.name),
                    )
                }
                // Whether it is in per cent or an amount, and of what, would be a guess.
                Some(_) => return,
            };
            main.columns.push(("net_amount".into(), ColumnPlan::of(Source::Expression(product), reason)));
        }
    }

    /// What is taken off a price.
    fn discount(&self) -> Option<&Profile> {
        let is_called = |column: &&Profile| DISCOUNTS.iter().any(|name| column.words == Words::of(name));
        self.sample.columns.iter().find(is_called).filter(|column| !column.is_blank())
    }

    fn complete_names(&self, main: &mut TablePlan, key: &[Source]) {
        let target = if main.table == Table::Employee { "display_name" } else { "name" };
        let is_needed = main.table.column(target).is_some_and(|(_, column)| column.need == Need::Always);
        if !is_needed {
            return;
        }
        let part = |target: &str| self.matched(target).map(|(column, _)| quoted_column(&column.name));
        let parts = [part("first_name"), part("last_name")];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        let is_mostly_blank = |column: &Profile| column.blank > column.filled;
        if parts.is_empty() && self.matched(target).is_some_and(|(column, _)| is_mostly_blank(column)) {
            main.columns.retain(|(name, _)| name != target);
        }
        // Without a header any text may be the name.
        let is_open = |column: &Profile| column.is_text() && self.key_name.as_ref() != Some(&column.name);
        let may_be_named = !self.sample.has_header && self.sample.columns.iter().any(is_open);
        let known = main.columns.iter().position(|(name, _)| name == target);
        match (known, parts.is_empty(), key) {
            (None, false, _) => {
                let whole = Source::Expression(format!("concat({})", parts.join(", ' ', ")));
                main.columns.push((target.to_owned(), ColumnPlan::of(whole, "first and last name")));
            }
            (Some(at), false, _) => {
                let column = &mut main.columns[at].1;
                let whole =
                    format!("coalesce({}, concat({}))", column.source.in_expression(), parts.join(", ' ', "));
                column.source = Source::Expression(whole);
                column.reason.push_str("; people have a first and a last name instead");
            }
            (None, true, [key]) if !may_be_named => {
                main.columns.push((target.to_owned(), ColumnPlan::of(key.clone(), "there is no other name")));
            }
            _ => {}
        }
    }

    /// Asks for columns without which there are no rows, and in a file without header for the times of
    /// what holds for a while.
    pub(super) fn ask_missing(&mut self, main: &TablePlan) {
        let needed = main.table.columns().iter().filter(|column| column.need == Need::Always);
        for column in needed.filter(|column| !main.has(column.name)) {
            let mut answers = self.columns_left(|_| true);
            if let ColumnType::Choice(choices) = column.kind {
                answers.extend(choices.iter().map(|choice| {
                    Answer::new(format!("{CONSTANT}{choice}"), format!("none: every row is {choice}"))
                }));
            }
            self.ask_column(main.table, column.name, answers, true);
        }
        let range = main.table.definition().range.filter(|_| !self.sample.has_header);
        for target in range.into_iter().flat_map(|(from, to)| [from, to]) {
            let answers = self.columns_left(Profile::is_date);
            if !answers.is_empty() && !main.has(target) && self.matched(target).is_none() {
                self.ask_column(main.table, target, answers, false);
            }
        }
    }

    /// The columns that are nothing yet and may be chosen.
    fn columns_left(&self, is_fit: impl Fn(&Profile) -> bool) -> Vec<Answer> {
        let is_taken =
            |column: &Profile| self.matches.iter().any(|m| self.sample.columns[m.column].name == column.name);
        let columns = self.sample.columns.iter();
        let left = columns.filter(|column| !column.is_blank() && !is_taken(column) && is_fit(column));
        left.map(|column| self.answer(column)).collect()
    }

    fn ask_column(&mut self, table: Table, target: &str, answers: Vec<Answer>, is_needed: bool) {
        let file = self.sample.name.clone();
        let text = format!("Which column of {file} says the {target} of {}?", table.meaning());
        let place = Place::Column { file, target: target.to_owned() };
        self.questions.push(Question { place, text, answers, is_needed });
    }
}

fn is_share(column: &Profile) -> bool {
    let is_one = |value: &String| value.parse::<f64>().is_ok_and(|share| (0.0..=1.0).contains(&share));
    column.values.keys().all(is_one)
}

/// What a column holds, as an expression that reads its format.
fn typed(plan: &ColumnPlan, kind: ColumnType) -> String {
    let function = if kind == ColumnType::Date { "date" } else { "number" };
    let text = plan.source.in_expression();
    match (&plan.source, &plan.format) {
        (Source::Column(_), Some(format)) => format!("{function}({text}, '{}')", format.replace('\'', "''")),
        (Source::Column(_), None) => format!("{function}({text})"),
        _ => text,
    }
}
