//! What single values mean where Attain has a closed list: `Closed Won` is won, `Anruf` a call.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use super::names::essence;
use super::profile::Profile;
use crate::canonical::{ColumnType, Table};

/// What the values of a column mean in a list, as far as they are known words.
#[derive(Clone, Debug, Default)]
pub(super) struct Meanings {
    /// Values that are known by another word than the list's.
    pub(super) known: BTreeMap<String, String>,
    /// Values that are on the list as they are.
    pub(super) same: usize,
    pub(super) unknown: Vec<String>,
}

impl Meanings {
    /// Share of the values whose meaning is known.
    pub(super) fn share(&self) -> f64 {
        let known = self.known.len() + self.same;
        let all = known + self.unknown.len();
        if all == 0 { 0.0 } else { known as f64 / all as f64 }
    }

    /// Whether some of the values lead to each of these.
    pub(super) fn has(&self, meaning: &str) -> bool {
        self.known.values().any(|known| known == meaning)
    }
}

/// What the values of a column mean in a column of a table.
pub(super) fn meanings(table: Table, target: &'static str, column: &Profile) -> Meanings {
    let mut meanings = Meanings::default();
    let Some((_, ColumnType::Choice(choices))) = table.column(target).map(|(at, column)| (at, column.kind))
    else {
        return meanings;
    };
    for value in column.values.keys() {
        match meaning(table, target, choices, value) {
            Some(meant) if meant == value => meanings.same += 1,
            Some(meant) => {
                meanings.known.insert(value.clone(), meant.to_owned());
            }
            None => meanings.unknown.push(value.clone()),
        }
    }
    // A column that is translated at all is translated value by value.
    if !meanings.known.is_empty() && meanings.same > 0 {
        let same = column.values.keys().filter(|value| choices.contains(&value.as_str()));
        meanings.known.extend(same.map(|value| (value.clone(), value.clone())));
        meanings.same = 0;
    }
    meanings
}

fn meaning(
    table: Table,
    target: &'static str,
    choices: &'static [&'static str],
    value: &str,
) -> Option<&'static str> {
    // Exports may have the pipeline behind a stage, in brackets.
    let text = essence(value.split_once(" (").map_or(value, |(stage, _)| stage));
    let own = choices.iter().find(|choice| essence(choice) == text).copied();
    own.or_else(|| known_words().get(&(table, target))?.get(&text).copied())
}

/// What words mean, whatever their spelling.
type Dictionary = HashMap<String, &'static str>;

/// The dictionary of each list.
fn known_words() -> &'static HashMap<(Table, &'static str), Dictionary> {
    static KNOWN: LazyLock<HashMap<(Table, &'static str), Dictionary>> = LazyLock::new(|| {
        WORDS.iter().map(|(table, target, list)| ((*table, *target), dictionary(list))).collect()
    });
    &KNOWN
}

fn dictionary(list: &'static [(&'static str, &'static str)]) -> Dictionary {
    let words = list.iter().flat_map(|(meant, words)| words.split(", ").map(|word| (essence(word), *meant)));
    words.collect()
}

type List = (Table, &'static str, &'static [(&'static str, &'static str)]);

const WORDS: &[List] = &[
    (
        Table::Opportunity,
        "outcome",
        &[
            (
                "won",
                "closed won, close won, won deal, win, success, successful, sold, signed, ordered, gewonnen, abgeschlossen gewonnen, geschlossen gewonnen, auftrag erteilt, auftrag, erfolg, closedwon",
            ),
            (
                "lost",
                "closed lost, close lost, lost deal, loss, dead, rejected, declined, abandoned, cancelled, canceled, no decision, verloren, abgeschlossen verloren, geschlossen verloren, abgesagt, abgelehnt, closedlost",
            ),
            (
                "open",
                "prospecting, prospect, prospects, qualification, qualified, qualifying, needs analysis, value proposition, id. decision makers, perception analysis, proposal, proposal/price quote, negotiation, negotiations, negotiation/review, engaging, engaged, discovery, demo, evaluation, quote, quoted, quotation, offer, verbal, in progress, pending, new, active, pipeline, working, contacted, appointment scheduled, qualified to buy, presentation scheduled, decision maker bought-in, contract sent, contact made, demo scheduled, proposal made, negotiations started, offen, neu, laufend, aktiv, in bearbeitung, in arbeit, interessent, interesse, qualifizierung, qualifiziert, erstkontakt, kontakt, kontaktiert, bedarfsanalyse, angebot, angebot erstellt, angebot verschickt, verhandlung, in verhandlung, ansprache, anbahnung, akquise",
            ),
        ],
    ),
    (
        Table::Opportunity,
        "type",
        &[
            ("new", "new business, newbusiness, new customer, new logo, neugeschaeft, neukunde"),
            (
                "expansion",
                "expansion business, existing business, existingbusiness, upsell, cross sell, upgrade, existing customer - upgrade, add on, erweiterung",
            ),
            ("renewal", "renewal business, renew, existing customer - renewal, verlaengerung"),
        ],
    ),
    (Table::Opportunity, "forecast_category", FORECAST),
    (Table::ForecastSubmission, "category", FORECAST),
    (
        Table::Lead,
        "status",
        &[
            ("new", "open - not contacted, open, neu, offen, not started"),
            (
                "working",
                "working - contacted, in progress, contacted, attempted to contact, connected, open deal, in bearbeitung, kontaktiert",
            ),
            ("qualified", "closed - qualified, marketing qualified, sales qualified, qualifiziert"),
            ("converted", "closed - converted, customer, umgewandelt, konvertiert"),
            ("disqualified", "closed - not converted, unqualified, rejected, dead, disqualifiziert"),
            ("recycled", "bad timing, nurture, nurturing, recycle"),
        ],
    ),
    (
        Table::Activity,
        "kind",
        &[
            ("call", "phone, phone call, logged call, calls, anruf, telefonat, telefon"),
            ("email", "mail, e mail, listemail, emails, mailing"),
            ("meeting", "event, appointment, lunch, meetings, termin, besprechung, first meeting"),
            ("demo", "demonstration, presentation, product demo, vorfuehrung, praesentation"),
            ("visit", "site visit, onsite, on site, customer visit, besuch, kundenbesuch"),
            ("message", "linkedin, chat, sms, whatsapp, nachricht"),
            ("other", "task, to do, todo, note, deadline, cadence, aufgabe, sonstiges"),
        ],
    ),
    (
        Table::Activity,
        "direction",
        &[
            ("in", "inbound, incoming, incoming email, received, eingehend"),
            ("out", "outbound, outgoing, email, sent, ausgehend"),
            ("internal", "intern"),
        ],
    ),
    (
        Table::Activity,
        "outcome",
        &[
            ("connected", "reached, spoke, answered, left live message, erreicht"),
            (
                "no_answer",
                "no answer, not reached, left voicemail, voicemail, busy, wrong number, nicht erreicht, besetzt",
            ),
            ("held", "completed, done, took place, stattgefunden, durchgefuehrt"),
            ("no_show", "no show, nicht erschienen"),
            ("cancelled", "canceled, abgesagt"),
            ("replied", "reply, answered by email, beantwortet"),
            ("bounced", "bounce, undeliverable, unzustellbar"),
        ],
    ),
    (
        Table::InvoiceLine,
        "kind",
        &[
            ("new", "new business, neu"),
            ("renewal", "verlaengerung"),
            ("expansion", "upsell, erweiterung"),
            ("one_off", "one off, one time, single, einmalig"),
            ("credit", "credit note, credit memo, refund, return, gutschrift, storno"),
        ],
    ),
    (
        Table::CreditSplit,
        "kind",
        &[("primary", "revenue, main, owner, haupt"), ("overlay", "support, specialist")],
    ),
    (Table::Target, "kind", &[("quota", "quote"), ("target", "goal, ziel")]),
    (
        Table::Target,
        "subject_kind",
        &[("employee", "person, rep, user, individual, mitarbeiter"), ("company", "total, firma")],
    ),
];

const FORECAST: &[(&str, &str)] = &[
    ("omitted", "omit, none"),
    ("pipeline", "open"),
    ("best_case", "best case, bestcase, upside, most likely, mostlikely"),
    ("commit", "committed, forecast"),
    ("closed", "won"),
];
