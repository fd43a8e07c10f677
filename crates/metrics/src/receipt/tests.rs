//! A receipt holds as it was signed, and no other way.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::answer::{Codes, Number};
use crate::calendar::Calendar;
use crate::definition::Unit;

fn digits(text: &str) -> Option<Digits> {
    Some(text.parse().expect("decimal"))
}

fn instant(text: &str) -> Instant {
    text.parse().expect("an instant")
}

fn side(count: u64) -> Side {
    Side { count, sha256: Hash::of(&count.to_le_bytes()) }
}

/// 92 won of 143 decided.
fn win_rate() -> Statement {
    let part =
        |id: &str, filter: &str| Some(PartStated { filter: Some(filter.to_owned()), id: id.to_owned() });
    Statement {
        as_of: AsOfStated {
            asked_on: date(2026, 10, 5),
            committed_at: instant("2026-10-01T04:00:00.000001Z"),
            known_at: instant("2026-10-04T04:00:00Z"),
            last_covered_day: Some(date(2026, 10, 3)),
            snapshot: 12,
        },
        calendar: CalendarStated {
            description: "fiscal year from the first day of month 1, days in Europe/Berlin".to_owned(),
            sha256: Hash::of(b"calendar"),
        },
        company: CompanyStated { currency: "EUR".to_owned(), name: "Nordwind Zoë \"AG\"".to_owned() },
        metric: MetricStated {
            definition_sha256: Hash::of(b"definition"),
            denominator: part("deals_decided", "outcome in ('won', 'lost')"),
            filter: None,
            formula: FormulaKind::Ratio,
            id: "win_rate_count".to_owned(),
            label: "Win rate".to_owned(),
            numerator: part("deals_won", "outcome = 'won'"),
            version: 1,
        },
        period: PeriodStated {
            from: Some(date(2026, 7, 1)),
            key: "2026-Q3".to_owned(),
            to: Some(date(2026, 10, 1)),
        },
        rate_table: "none".to_owned(),
        result: Outcome {
            codes: vec!["E0".to_owned()],
            denominator: digits("143"),
            n: 143,
            numerator: digits("92"),
            rows: RowsStated::Sides { numerator: side(92), denominator: side(143) },
            value: digits("0.643356643357"),
        },
        signed_at: instant("2026-10-05T07:30:00.5Z"),
        signed_by: "local owner".to_owned(),
        subject: SubjectStated {
            id: Some("person-7".to_owned()),
            level: "rep".to_owned(),
            name: "Anna Snelling".to_owned(),
        },
    }
}

/// Seven deals that were won.
fn deals_won() -> Statement {
    let mut statement = win_rate();
    statement.metric.formula = FormulaKind::Count;
    (statement.metric.numerator, statement.metric.denominator) = (None, None);
    statement.result = Outcome {
        codes: vec!["E15".to_owned(), "E5".to_owned()],
        denominator: None,
        n: 7,
        numerator: digits("7"),
        rows: RowsStated::Counted { counted: side(7) },
        value: digits("7"),
    };
    statement
}

fn signer() -> Signer {
    Signer::from_seed([42; 32])
}

fn receipt(statement: Statement) -> Receipt {
    Receipt::sign(statement, &signer()).expect("nothing contradicts itself")
}

/// Whether bytes are a receipt that holds.
fn holds(bytes: &[u8]) -> bool {
    Receipt::read(bytes).is_ok_and(|receipt| receipt.deviations(&signer().fingerprint()).is_empty())
}

#[test]
fn a_receipt_holds_as_it_was_signed() {
    for statement in [win_rate(), deals_won()] {
        let receipt = receipt(statement.clone());
        let read = Receipt::read(receipt.text().as_bytes()).expect("reads");
        assert_eq!((read.statement(), &read), (&statement, &receipt));
        assert_eq!(read.deviations(&signer().fingerprint()), []);
    }
}

/// What a stranger's verifier relies on: members by name, two spaces, values as text.
#[test]
fn the_file_is_written_so_that_people_can_read_it() {
    let text = receipt(win_rate()).text();
    let head = format!(
        "{{\n  \"format\": \"attain-receipt/1\",\n  \"key\": {{\n    \"fingerprint\": \"{}\",\n",
        signer().fingerprint()
    );
    assert!(text.starts_with(&head), "{text}");
    for line in [
        "      \"last_covered_day\": \"2026-10-03\",\n",
        "      \"known_at\": \"2026-10-04T04:00:00.000000Z\",\n",
        "      \"name\": \"Nordwind Zoë \\\"AG\\\"\"\n",
        "      \"value\": \"0.643356643357\"\n",
    ] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
    assert!(text.ends_with("  }\n}\n"), "{text}");
    let signed = receipt(win_rate()).signed_text();
    assert!(signed.starts_with("{\"format\":\"attain-receipt/1\",\"key\":{\"fingerprint\":"), "{signed}");
    assert!(!signed.contains("signature") && !signed.contains(": "), "{signed}");
}

#[test]
fn a_receipt_of_another_key_is_refused() {
    let other = Signer::from_seed([1; 32]);
    let found = receipt(win_rate()).deviations(&other.fingerprint());
    let expected = Deviation::OtherKey { trusted: other.fingerprint(), found: signer().fingerprint() };
    assert_eq!(found, [expected]);
    // The content of one under the key of the other.
    let mut forged = receipt(win_rate());
    forged.key = receipt_of(&other, win_rate()).key;
    assert_eq!(forged.deviations(&other.fingerprint()), [Deviation::Signature]);
    forged.key.fingerprint = signer().fingerprint();
    let found = forged.deviations(&signer().fingerprint());
    assert_eq!(found, [Deviation::Fingerprint, Deviation::Signature]);
}

fn receipt_of(signer: &Signer, statement: Statement) -> Receipt {
    Receipt::sign(statement, signer).expect("nothing contradicts itself")
}

#[test]
fn white_space_order_and_whatever_else_json_allows_are_refused() {
    let text = receipt(win_rate()).text();
    let swapped = text.replacen("\"fingerprint\"", "\"public\"", 1);
    let first_n = "      \"n\": \"143\",\n";
    for altered in [
        format!("{text} "),
        format!("{text}\n"),
        format!("\u{feff}{text}"),
        text.trim_end().to_owned(),
        text.replace('\n', "\r\n"),
        text.replacen("  ", "\t", 1),
        text.replacen("Zoë", "Zo\\u00eb", 1),
        text.replacen("\"AG\\\"", "\"AG\\u0022", 1),
        text.replacen(first_n, "      \"n\": 143,\n", 1),
        text.replacen(first_n, "      \"n\": \"0143\",\n", 1),
        text.replacen(first_n, &format!("{first_n}{first_n}"), 1),
        text.replacen(first_n, "", 1),
        text.replacen(first_n, &format!("{first_n}      \"note\": \"more\",\n"), 1),
        text.replacen("\"value\": \"0.643356643357\"", "\"value\": \"0.6433566433570\"", 1),
        text.replacen("\"value\": \"0.643356643357\"", "\"value\": null", 1),
        text.replacen("2026-10-05T07:30:00.500000Z", "2026-10-05T07:30:00.5Z", 1),
        text.replacen("\"rate_table\": \"none\"", "\"rate_table\": null", 1),
        swapped,
    ] {
        assert_ne!(altered, text);
        assert!(!holds(altered.as_bytes()), "{altered}");
    }
}

#[test]
fn a_file_that_is_no_receipt_says_why() {
    let text = receipt(win_rate()).text();
    let newer = text.replacen("attain-receipt/1", "attain-receipt/2", 1);
    let twice = text.replacen("  \"format\"", "  \"format\": \"attain-receipt/1\",\n  \"format\"", 1);
    let deep = "[".repeat(100_000);
    let large = " ".repeat(BYTES_MAX + 1);
    let cases: [(&[u8], &str); 10] = [
        (b"", "does not read as a receipt"),
        (b"\x89PNG\r\n", "not a text file: byte 1"),
        (&text.as_bytes()[..text.len() / 2], "does not read as a receipt: EOF"),
        (b"[1, 2]", "does not read as a receipt"),
        (b"{\"format\": 1}", "does not read as a receipt: invalid type: integer `1`"),
        (b"{\"value\": \"1\"}", "missing field `format`"),
        (deep.as_bytes(), "does not read as a receipt"),
        (large.as_bytes(), "more than 1000000 bytes"),
        (newer.as_bytes(), "its format is `attain-receipt/2`; this program reads `attain-receipt/1`"),
        (twice.as_bytes(), "duplicate field `format`"),
    ];
    for (bytes, says) in cases {
        let error = Receipt::read(bytes).expect_err("no receipt").to_string();
        assert!(error.contains(says), "{error}\ndoes not say\n{says}");
    }
    let later = text.replacen("Snelling\"", "Snelling\\u0020\"", 1);
    let line = 1 + text.lines().position(|line| line.contains("Snelling")).expect("a line");
    assert_eq!(Receipt::read(later.as_bytes()), Err(ReceiptError::Altered(line)));
}

proptest! {
    #[test]
    fn any_changed_byte_fails(position in any::<prop::sample::Index>(), byte in any::<u8>(), kind in 0..3) {
        let text = receipt(win_rate()).text();
        let mut bytes = text.clone().into_bytes();
        let position = position.index(bytes.len());
        match kind {
            0 => bytes[position] = byte,
            1 => bytes.insert(position, byte),
            _ => { bytes.remove(position); }
        }
        prop_assert_eq!(holds(&bytes), bytes == text.as_bytes());
    }
}

/// What a statement contradicts itself in, after a change.
fn contradictions(mut statement: Statement, change: impl FnOnce(&mut Statement)) -> Vec<String> {
    change(&mut statement);
    let found = statement.contradictions();
    assert_eq!(
        Receipt::sign(statement, &signer()).err().unwrap_or_default(),
        found,
        "none of these is signed"
    );
    found.iter().map(Deviation::to_string).collect()
}

#[test]
fn a_value_that_is_not_its_parts_is_not_signed() {
    let said = contradictions(win_rate(), |s| s.result.value = digits("0.643356643358"));
    assert_eq!(
        said,
        ["92 ÷ 143 is 0.643356643357, rounded half to even to 12 digits, but the value is 0.643356643358"]
    );
    let said = contradictions(win_rate(), |s| s.result.denominator = digits("0"));
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!(
        contradictions(win_rate(), |s| s.result.numerator = None),
        ["a ratio does not have these parts"]
    );
    let said = contradictions(deals_won(), |s| s.result.value = digits("8"));
    assert_eq!(said, ["the value is 8, but the part it is made of is 7"]);
    let said = contradictions(deals_won(), |s| s.result.n = 8);
    assert_eq!(said, ["the value is 7, but it counts 8"]);
    let said = contradictions(deals_won(), |s| s.result.rows = RowsStated::Counted { counted: side(6) });
    assert_eq!(said, ["the value is 7, but it counts 6"]);
    let said = contradictions(deals_won(), |s| s.result.denominator = digits("1"));
    assert_eq!(said, ["a plain number does not have these parts"]);
    let said = contradictions(deals_won(), |s| s.result.rows = win_rate().result.rows);
    assert_eq!(said, ["a plain number does not have these parts"]);
}

#[test]
fn a_value_is_absent_just_where_a_code_says_why() {
    let with = |statement: Statement, codes: &str| {
        contradictions(statement, |s| s.result.codes = codes.split_whitespace().map(str::to_owned).collect())
    };
    for codes in ["", "E0 E5", "E5 E15", "E5 E5", "E20", "e0"] {
        let said = with(deals_won(), codes);
        assert!(
            said.len() == 1 && said[0].contains("are not codes as receipts write them"),
            "{codes}: {said:?}"
        );
    }
    for codes in ["E1", "E2 E5", "E3", "E11"] {
        let said = with(deals_won(), codes);
        assert_eq!(said, [format!("there is a value, but the codes {codes} say that there is none")]);
    }
    let absent = || {
        let mut statement = deals_won();
        (statement.result.value, statement.result.numerator) = (None, None);
        statement
    };
    for codes in ["E0", "E15 E5"] {
        let said = with(absent(), codes);
        assert_eq!(said, [format!("there is no value, but the codes {codes} do not say why")]);
    }
    for codes in ["E1", "E7", "E3 E9"] {
        assert_eq!(with(absent(), codes), [""; 0], "{codes}");
    }
}

#[test]
fn two_statements_differ_by_what_was_known_and_came_out_and_not_by_their_signing() {
    let signed = win_rate();
    let mut later = win_rate();
    later.signed_at = instant("2026-11-01T00:00:00Z");
    later.as_of.known_at = later.signed_at;
    assert_eq!(signed.differences(&later), []);
    later.result.numerator = digits("91");
    later.metric.version = 2;
    let said: Vec<String> = signed.differences(&later).iter().map(Difference::to_string).collect();
    assert_eq!(
        said,
        [
            "metric: signed win_rate_count version 1, recomputed win_rate_count version 2",
            "numerator: signed 92, recomputed 91"
        ]
    );
}

/// Domain 2.4: by more than 0.5 % or one minor currency unit, whichever is greater.
#[test]
fn a_number_is_restated_by_more_than_half_a_per_cent() {
    let restated = |signed: Option<&str>, later: Option<&str>, unit| {
        let mut statement = deals_won();
        statement.result.value = signed.and_then(digits);
        let number = Number {
            metric: String::new(),
            members: [].into(),
            period: Calendar::starting_in(1).expect("January").all(),
            value: later.map(|text| text.parse().expect("decimal")),
            numerator: None,
            denominator: None,
            n: 0,
            not_matured: 0,
            inputs: Vec::new(),
            stale: None,
            unassigned: None,
            was: None,
            missing: None,
            codes: Codes::default(),
            definition_version: 1,
        };
        statement.is_restated_by(&number, unit)
    };
    assert!(!restated(Some("200"), Some("201"), Unit::Money));
    assert!(restated(Some("200"), Some("201.01"), Unit::Money));
    assert!(restated(Some("-200"), Some("-201.01"), Unit::Money));
    assert!(!restated(Some("0"), Some("0.01"), Unit::Money));
    assert!(restated(Some("0"), Some("1"), Unit::Count));
    assert!(restated(Some("0"), None, Unit::Count) && restated(None, Some("0"), Unit::Count));
    assert!(!restated(None, None, Unit::Count));
}
