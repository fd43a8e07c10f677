//! What a list of people says besides: who leads them and which team they are in. Leaders and teams
//! that no other row or file lists become rows too.

use super::super::choices::Choices;
use super::super::keys::KeyColumn;
use super::super::matching::{best_overlap, matches};
use super::super::plan::{ColumnPlan, Source, TablePlan, quoted_column};
use super::super::profile::Profile;
use super::Subject;
use super::columns::read;
use super::file::FilePlanner;
use super::references::{Reference, where_filled};
use crate::canonical::{ColumnType, Table};

/// What leaders and teams are known by that stand only behind people: in their `manager` and `team`.
pub(super) fn keys_behind(subjects: &[Subject], choices: &Choices, keys: &[KeyColumn]) -> Vec<KeyColumn> {
    let mut behind = Vec::new();
    for subject in subjects.iter().filter(|subject| subject.found.table == Some(Table::Employee)) {
        let sample = subject.sample;
        let found = matches(sample, Table::Employee, keys, &choices.of(&sample.name));
        for (target, table) in [("manager_id", Table::Employee), ("team_id", Table::Team)] {
            let Some(found) = found.iter().find(|m| m.target == target) else { continue };
            let column = &sample.columns[found.column];
            let delivered = keys.iter().filter(|key| key.file.is_some());
            if best_overlap(column, table, delivered).is_none() {
                behind.push(KeyColumn::of_column(table, &sample.name, column, true));
            }
        }
    }
    behind
}

impl FilePlanner<'_> {
    /// The tables that hang on people: leaders and teams before them, and who belongs where behind.
    pub(super) fn plan_people(&mut self, key: &Source) {
        if let Some((column, reason)) = self.matched("team_id") {
            if self.is_behind(Table::Team, column) {
                let mut teams = TablePlan::new(Table::Team, vec![Source::Column(column.name.clone())])
                    .with("name", ColumnPlan::column(&column.name, ""));
                teams.optional = column.blank > 0;
                teams.reason = Some(format!("the teams are those that `{}` names", column.name));
                self.tables_before.push(teams);
            }
            if let Some(team) = self.referred(column, Table::Team, &reason) {
                let table = self
                    .hanging(Table::TeamAssignment, key, column, false)
                    .with("team_id", team)
                    .with("is_primary", ColumnPlan::constant("true", "one team each"));
                self.tables_behind.push(table);
            }
        }
        if let Some((column, reason)) = self.matched("manager_id") {
            if self.is_behind(Table::Employee, column) {
                self.plan_leaders(column);
            }
            if let Some(manager) = self.referred(column, Table::Employee, &reason) {
                let own = self.leads_themselves(column);
                let table = self
                    .hanging(Table::ManagerAssignment, key, column, own)
                    .with("manager_id", manager)
                    .with("kind", ColumnPlan::constant("line", "one manager each"));
                self.tables_behind.push(table);
            }
        }
    }

    fn referred(&mut self, column: &Profile, table: Table, reason: &str) -> Option<ColumnPlan> {
        match self.refer(column, table, reason) {
            Reference::Read(plan) => Some(plan),
            Reference::Nowhere(why) => {
                self.note_unused(&column.name, &why);
                None
            }
        }
    }

    /// Whether a column is the only place that lists rows of a table.
    fn is_behind(&self, table: Table, column: &Profile) -> bool {
        let is_own = |key: &KeyColumn| key.table == table && key.is_column(&self.sample.name, &column.name);
        self.keys.iter().any(|key| key.is_key && is_own(key))
    }

    /// Leaders who are no rows themselves.
    fn plan_leaders(&mut self, column: &Profile) {
        let mut leaders = TablePlan::new(Table::Employee, vec![Source::Column(column.name.clone())])
            .with("display_name", ColumnPlan::column(&column.name, ""))
            .with("role", ColumnPlan::constant("manager", "they lead others"));
        leaders.optional = column.blank > 0;
        leaders.reason = Some(format!("`{}` names people who have no row of their own", column.name));
        self.tables_before.push(leaders);
    }

    /// The file with deals that most of these people own, if there is one.
    pub(super) fn deals_they_own(&self) -> Option<&str> {
        let deals = self.listed.iter().filter(|listed| listed.table == Table::Opportunity);
        let owned = deals.filter(|listed| {
            let owner = listed.matches.iter().find(|found| found.target == "owner_id");
            let owner = owner.map(|found| &listed.sample.columns[found.column]);
            let owners = owner.and_then(|column| best_overlap(column, Table::Employee, self.keys));
            owners.is_some_and(|(key, overlap)| {
                key.file.as_ref() == Some(&self.sample.name) && overlap.found * 2 > self.sample.rows.len()
            })
        });
        owned.map(|listed| listed.sample.name.as_str()).next()
    }

    /// Whether a row names its own person as the leader.
    fn leads_themselves(&self, column: &Profile) -> bool {
        let at = |name: &str| self.sample.columns.iter().position(|known| known.name == name);
        let key = self.key_name.as_deref().and_then(at);
        let (Some(key), Some(leader)) = (key, at(&column.name)) else { return false };
        self.sample.pairs(key, leader).any(|(key, leader)| !key.is_empty() && key == leader)
    }

    /// A table that hangs on a person by a column, which may be blank or name the person itself, for the
    /// time that the rows say.
    fn hanging(&mut self, table: Table, key: &Source, column: &Profile, names_itself: bool) -> TablePlan {
        let is_partial = column.blank > 0 || names_itself;
        let hangs_by = |part: &Source| match (is_partial, names_itself) {
            (false, _) => part.clone(),
            (true, false) => where_filled(part, &column.name),
            (true, true) => Source::Expression(format!(
                "case when {column} is not blank and {column} <> {key} then {part} end",
                column = quoted_column(&column.name),
                key = key.in_expression(),
                part = part.in_expression()
            )),
        };
        let times = ["valid_from", "valid_to"].map(|target| (target, self.matched(target)));
        let since = times[0].1.as_ref().map(|(since, _)| Source::Column(since.name.clone()));
        let keys = std::iter::once(key).chain(&since).map(hangs_by).collect();
        let mut plan = TablePlan::new(table, keys).with("employee_id", ColumnPlan::of(key.clone(), ""));
        plan.optional = is_partial;
        for (target, found) in times {
            let Some((time, reason)) = found else { continue };
            let chosen = self.choices.column(&time.name);
            match read(&self.sample.name, time, ColumnType::Date, &chosen, &reason) {
                Ok(column) => plan = plan.with(target, column),
                Err(question) if !self.questions.contains(&question) => self.questions.push(*question),
                Err(_) => {}
            }
        }
        plan
    }

    /// Whether the rows are about people whom another file lists: then they say where they belong, and
    /// nothing about them.
    pub(super) fn are_listed_elsewhere(&self, key: &Source) -> bool {
        let Source::Column(name) = key else { return false };
        let lists = |known: &KeyColumn| {
            known.table == Table::Employee && known.is_key && known.is_column(&self.sample.name, name)
        };
        !self.keys.iter().any(lists)
    }
}
