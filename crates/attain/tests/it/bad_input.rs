//! Files and mappings that are wrong: what the reader is told, that nothing is half-imported, and
//! that rejected rows can be corrected and delivered again.

mod office;

use std::fs;
use std::io::Write;
use std::process::Stdio;

use rust_decimal::Decimal;

use office::{DEALS, MAPPING, Office, PEOPLE, assert_adds_up, assert_says, counts, rejects_file};

/// The rows of a table in text: its cells stand between bars.
fn cases<const CELLS: usize>(table: &'static str) -> impl Iterator<Item = [&'static str; CELLS]> {
    let rows = table.lines().filter(|line| !line.trim().is_empty());
    rows.map(|row| {
        let cells: Vec<&str> = row.split(" | ").map(str::trim).collect();
        cells.try_into().unwrap_or_else(|_| panic!("a case of {CELLS} cells: {row}"))
    })
}

// Files and folders that are not there.

#[test]
fn files_that_are_not_there_are_named() {
    let office = Office::open();
    fs::remove_file(office.files().join("accounts.csv")).expect("removed");
    office.refuses(
        &office.files(),
        "files lacks accounts.csv, which the mapping mapping.yaml names; add it, or give the files one by one",
    );
    let other = office.write("notes.csv", "x\n1\n");
    let names = "teams.csv, people.csv, accounts.csv, deals.csv";
    office.refuses(
        &other,
        &format!("notes.csv is not in the mapping mapping.yaml, which names: {names}; add it there, or leave it out"),
    );
    let twice = [office.files().join("deals.csv"), office.write("../deals.csv", DEALS)];
    office.refuses_all(&twice, "deals.csv is given twice; import one after the other");
    for gone in ["files/accounts.csv", "gone/deals.csv", "gone"] {
        let path = office.program.folder.path().join(gone);
        office.refuses(&path, &format!("could not read {gone}: No such file or directory"));
    }
    fs::remove_file(office.files().join("../mapping.yaml")).expect("removed");
    office.refuses(&office.files(), "could not read the mapping mapping.yaml: No such file or directory");
    office.has_imported_once();
}

// Files that cannot be read as a whole.

#[test]
fn files_that_are_no_text_are_named_with_the_line() {
    let office = Office::open();
    // Far enough down that it does not show in the first bytes, with a rejected row above it.
    let nul = format!("{DEALS}D4,\n{}D5,\0,Acme\n", DEALS.repeat(2000));
    let line = nul.lines().count();
    let binary = [b"\x7fELF\0\x01\0".as_slice(), &[0; 100]].concat();
    let (before, behind) = DEALS.split_once("title").expect("a column");
    let latin_1 = [before.as_bytes(), b"tit\xE8l", behind.as_bytes()].concat();
    for (content, says) in [
        (nul.into_bytes(), format!("deals.csv, line {line}: there is a NUL byte, which no text has")),
        (binary, "deals.csv: it is neither text nor another format that Attain reads".to_owned()),
        (latin_1, "deals.csv, line 1: the column `tit\u{fffd}l` is not UTF-8 text; it would be `titèl` in Windows-1252".to_owned()),
    ] {
        let deals = office.write("deals.csv", content);
        office.refuses(&deals, &says);
    }
    let rejects = fs::read_dir(office.program.data().join("rejects")).expect("a folder");
    assert_eq!(rejects.count(), 0, "nothing is handed back of a file that was not taken");
    office.has_imported_once();
}

#[test]
fn standard_input_is_a_file_of_the_mapping() {
    let office = Office::open();
    let mapping = office.mapping();
    let import = |name: &[&str], content: &str| {
        let arguments = [&["import", "-", "--mapping", mapping.to_str().expect("UTF-8")], name].concat();
        let mut command = office.program.command(&arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let mut input = child.stdin.take().expect("standard input");
        // Where the arguments are refused nobody reads it.
        let _ = input.write_all(content.as_bytes());
        drop(input);
        child.wait_with_output().expect("an end")
    };
    let more = format!("{DEALS}D5,Ropes,Acme,Bo Cruz,2024-02-10,Open,,\n");
    let output = import(&["--as", "deals.csv"], &more);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("Import 2: 1 changes (1 created"), "{output:?}");
    for (name, says) in [
        (&[][..], "say with --as which file standard input is; the mapping names: "),
        (&["--as", "deal.csv"], "the mapping has no file `deal.csv`"),
    ] {
        let output = import(name, &more);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains(says), "{said}");
    }
    let left = fs::read_dir(office.program.data()).expect("a folder").flatten();
    let left: Vec<_> = left.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    assert!(!left.iter().any(|name| name.starts_with("standard-input")), "{left:?}");
}

#[test]
fn files_without_rows_or_with_a_wrong_header_are_named() {
    let office = Office::open();
    for [from, to, says] in cases(WRONG_FILES) {
        let (from, to) = (from.replace("\\n", "\n"), to.replace("\\n", "\n"));
        let content = match from.as_str() {
            "everything" => to,
            "everything after the header" => DEALS.lines().next().expect("a header").to_owned() + &to,
            _ => DEALS.replace(&from, &to),
        };
        assert_ne!(content, DEALS, "{from}");
        let deals = office.write("deals.csv", content);
        office.refuses(&deals, &format!("files/{says}"));
        office.refuses(&office.files(), &format!("files/{says}"));
    }
    office.has_imported_once();
}

/// What is replaced in the file of deals, by what, and what is said of the file.
const WRONG_FILES: &str = r#"
everything |  | deals.csv is empty; export it again
everything | \n\n | deals.csv is empty; export it again
everything after the header |  | deals.csv has a header but no rows; export it again, or leave the file out of the delivery
everything after the header | \n | deals.csv has a header but no rows; export it again, or leave the file out of the delivery
value\n | Stage\n | deals.csv, line 1: the column `Stage` stands in the header twice; rename one of them
title | titel | deals.csv, line 1: there is no column `title` (did you mean `titel`?); the header has: id, titel, account, owner, created, stage, closed, value. Correct the mapping or export the column
, | ~ | deals.csv, line 1: there is no column `id`; the header has: id~title~account~
Rockets | "Rockets | deals.csv, line 3: the quotation mark opened here is never closed; close it, or write two where one is meant
"#;

// Mappings that cannot be used.

#[test]
fn mistakes_in_a_mapping_are_shown_with_line_and_column() {
    let office = Office::open();
    for [from, to, place, says] in cases(MISTAKES) {
        let wrong = MAPPING.replacen(from, to, 1);
        assert_ne!(wrong, MAPPING, "{from}");
        office.write("../mapping.yaml", wrong);
        let said = office.refuses(&office.files(), says);
        let (line, column) = place.split_once(':').expect("a line and a column");
        assert!(said.contains(&format!("mapping.yaml, line {line}, column {column}: ")), "{said}");
    }
    let (head, _) = MAPPING.split_once("files:").expect("files");
    office.write("../mapping.yaml", format!("{head}files: []\n"));
    office.refuses(&office.files(), "the mapping names no file under `files`");
    office.has_imported_once();
}

/// What is replaced in the mapping, by what, at which line and column it shows, and what is said.
const MISTAKES: &str = r#"
source: crm | source: [crm] | 1:9 | one text is expected here
source: crm | source: "" | 1:9 | the source needs a name, such as `crm`
Europe/London | Europe/Londn | 4:14 | `Europe/Londn` is not a time zone; write for example Europe/Berlin
currency: GBP | currency: pounds | 5:13 | `pounds` is not a currency code; write for example EUR
first_month: 1 | first_month: 13 | 6:48 | first_month is a month from 1 to 12
first_month: 1 | first_month: May | 6:48 | a number is expected here
to: 2025-01-01 | to: 2023-01-01 | 7:33 | covers ends before it starts; `to` is the day after the last
max_reject_share: 0.9 | max_reject_share: 90 | 8:19 | max_reject_share is a share between 0 and 1
table: account | table: acount | 19:18 | unknown table `acount`; did you mean `account`? Known are: team, employee,
table: account | table: zzz | 19:18 | unknown table `zzz`. Known are: team, employee,
mode: full | mode: fulll | 21:11 | unknown variant `fulll`
mode: full | mod: full | 21:5 | unknown field `mod`
name: title | name: [title, id] | 26:11 | the name of a source column
name: title | name: { column: title, format: "%Y" } | 26:17 | name: `format` is for dates, instants and numbers
created_at: created | created_at: { column: created, format: "%d.%m" } | 29:23 | created_at: `%d.%m` does not name a whole date; write for example %d.%m.%Y
close_date: closed | close_date: { column: closed, format: "%J" } | 32:23 | close_date: `%J`
amount: value | amout: value | 33:18 | unknown column of opportunity `amout`; did you mean `amount`? Known are: name,
amount: value | zzz: value | 33:16 | unknown column of opportunity `zzz`. Known are: name,
amount: value | amount: { column: value, format: "1'000" } | 33:19 | amount: `1'000` is not a number style; write 1234.56, 1,234.56, 1.234,56, 1 234,56, 1'234.56 or 1234,56
{ constant: GBP } | { constant: pounds } | 34:23 | amount_ccy: `pounds` is not a currency code such as USD
"#;

// Rows that are rejected.

/// Rows of which each has one fault, from line 6 on, what is said, and the correction.
const FAULTS: &str = r#"
E1,Nuts,Acme,Bo Cruz,2024-01-10,Won,31.02.2024,100 | , closed: `31.02.2024` is not a date as in 2024-11-23 | 31.02.2024 | 2024-02-29
E2,Nuts,Acme,Bo Cruz,2024-01-10,Won,2024-05-01,"1,00" | , value: `1,00` is not a number as in 1234.56 | "1,00" | 100
E3,Nuts,Acme,Bo Cruz,2024-01-10,Maybe,2024-05-01,100 | , stage: `Maybe` is not known; known are: Lost, Open, Won | Maybe | Won
E4,Nuts,Acme,Zed Poe,2024-01-10,Won,2024-05-01,100 | , owner: `Zed Poe` is a person no file names; add the person or correct the spelling | Zed Poe | Bo Cruz
E5,Nuts,Initech,Bo Cruz,2024-01-10,Won,2024-05-01,100 | , account: `Initech` is no known account; add it or correct the spelling | Initech | Globex
E6,Nuts,Acme,Bo Cruz,2024-01-10,Won,,100 | , closed: is blank although the deal is won or lost | Won,, | Won,2024-05-01,
E7,Nuts,Acme,Bo Cruz,2024-01-10,Won,2023-12-31,100 | , closed: `2023-12-31` lies before the day the deal was created | 2023-12-31 | 2024-12-31
E8,Nuts, large,Acme,Bo Cruz,2024-01-10,Won,2024-05-01,100 | : has 9 fields where the header has 8; put a value that contains a comma in quotation marks | Nuts, large | "Nuts, large"
E9,Nuts,Acme,Bo Cruz | : has 4 fields where the header has 8; every field needs its comma, also an empty one | E9,Nuts,Acme,Bo Cruz | E9,Nuts,Acme,Bo Cruz,,Won,2024-05-01,100
,Nuts,Acme,Bo Cruz,2024-01-10,Won,2024-05-01,100 | , id: is blank and must not be | ,,Nuts | ,E10,Nuts
E11,Nuts,Acme,Bo Cruz,2024-01-10,Won,2024-05-01,100000000000000000000000 | , value: `100000000000000000000000` has more than 22 digits before the point | 100000000000000000000000 | 100
E12,Nuts,Acme,Bo Cruz,0202-01-10,Won,2024-05-01,100 | , created: `0202-01-10` lies before 1900; correct the year, or list the date under `blank` if it stands for none | 0202-01-10 | 2024-01-10
"#;

fn faulty_rows() -> String {
    cases(FAULTS).map(|[row, ..]: [&str; 4]| format!("{row}\n")).collect()
}

/// What a report says of the faulty rows.
fn assert_names_faults(report: &str) {
    for (line, [_, says, ..]) in (6..).zip(cases::<4>(FAULTS)) {
        assert_says(report, &[&format!("deals.csv, line {line}{says}")]);
    }
}

#[test]
fn every_bad_row_is_named_and_counts_once_it_is_corrected() {
    let office = Office::open();
    let report = office.import(&office.write_deals(&faulty_rows()));
    assert_names_faults(&report);
    assert_eq!(counts(&report, "deals.csv"), [16, 0, 4, 0, 12]);
    assert_says(&report, &["Import 2: 0 changes; everything was known already (snapshot 1)"]);
    assert_eq!(office.ask(), office.figures);
    let path = rejects_file(&report);
    let mut rejects = fs::read_to_string(&path).expect("rejects");
    let header = DEALS.lines().next().expect("a header");
    assert!(
        rejects.starts_with(&format!("attain_line,attain_column,attain_reason,{header}\n6,closed,")),
        "{rejects}"
    );
    assert_eq!(rejects.lines().count(), 1 + 12, "{rejects}");
    for [row, _, wrong, right] in cases(FAULTS) {
        assert!(rejects.contains(row), "{row} as it was delivered in\n{rejects}");
        rejects = rejects.replacen(wrong, right, 1);
    }
    // As a spreadsheet saves it.
    fs::write(&path, format!("\u{feff}{}", rejects.replace('\n', "\r\n"))).expect("corrected");
    let report = office.import(&path);
    assert_says(&report, &["Import 3: 12 changes (12 created, 0 changed, 0 deleted), snapshot 2"]);
    assert_eq!(office.bookings("Bo Cruz"), Decimal::from(300 + 1200));
    assert_eq!(office.bookings("Ann Lee"), Decimal::from(1000));
}

#[test]
fn more_bad_rows_than_allowed_refuse_the_whole_delivery() {
    let office = Office::open();
    office.write("../mapping.yaml", MAPPING.replace("0.9", "0.07"));
    let good = "E13,Nuts,Acme,Ann Lee,2024-01-10,Won,2024-05-01,500\n";
    let deals = office.write_deals(&(faulty_rows() + good));
    let says = "12 of 17 rows were rejected, more than the 7 % the mapping allows. Nothing was imported; correct the rows and import the files again, or raise max_reject_share";
    let report = office.refuses(&deals, says);
    assert_adds_up(&report);
    assert_names_faults(&report);
    let rejects = office.program.folder.path().join(rejects_file(&report));
    assert_eq!(fs::read_to_string(rejects).expect("rejects").lines().count(), 1 + 12);
    office.has_imported_once();
}

#[test]
fn the_same_id_with_different_values_rejects_both_rows() {
    let office = Office::open();
    let row = "D5,Nuts,Acme,Ann Lee,2024-01-10,Won,2024-05-01,";
    let report = office.import(&office.write_deals(&format!("{row}500\n{row}700\n")));
    let reason =
        "id: `D5` stands in this delivery more than once, with different values; keep the row that is right";
    assert_says(&report, &[&format!("deals.csv, line 6, {reason}"), &format!("deals.csv, line 7, {reason}")]);
    assert_eq!(office.ask(), office.figures);
    let path = rejects_file(&report);
    let rejects = fs::read_to_string(&path).expect("rejects");
    fs::write(&path, without(&rejects, ",500")).expect("corrected");
    office.import(&path);
    assert_eq!(office.bookings("Ann Lee"), Decimal::from(1000 + 700));
}

/// The text without the one line that has this ending.
fn without(text: &str, ending: &str) -> String {
    let kept: Vec<&str> = text.lines().filter(|line| !line.ends_with(ending)).collect();
    assert_eq!(kept.len() + 1, text.lines().count(), "{text}");
    kept.join("\n")
}

#[test]
fn the_same_row_twice_is_one_deal() {
    let office = Office::open();
    let row = "D5,Nuts,Acme,Ann Lee,2024-01-10,Won,2024-05-01,500\n";
    let report = office.import(&office.write_deals(&row.repeat(2)));
    assert_eq!(counts(&report, "deals.csv"), [6, 1, 5, 0, 0]);
    assert_eq!(office.bookings("Ann Lee"), Decimal::from(1000 + 500));
}

#[test]
fn a_rejected_row_fills_none_of_its_tables() {
    let office = Office::open();
    let people = office.write("people.csv", format!("{PEOPLE}Cy Moss,AE,West\n"));
    let report = office.import(&people);
    let says = "people.csv, line 4, team: `West` is no known team; add it or correct the spelling";
    assert_says(&report, &[says, "Import 2: 0 changes; everything was known already (snapshot 1)"]);
    assert_eq!(office.ask(), office.figures, "Cy Moss is not among the reps");
    let path = rejects_file(&report);
    let rejects = fs::read_to_string(&path).expect("rejects");
    fs::write(&path, rejects.replace(",West", ",South")).expect("corrected");
    office.import(&path);
    assert_eq!(office.bookings("Cy Moss"), Decimal::ZERO);
}

#[test]
fn a_row_that_is_contradicted_in_two_tables_is_handed_back_once() {
    let office = Office::open();
    let people = office.write("people.csv", format!("{PEOPLE}Cy Moss,AE,North\nCy Moss,SDR,South\n"));
    let report = office.import(&people);
    assert_eq!(counts(&report, "people.csv"), [4, 0, 2, 0, 2]);
    for line in [4, 5] {
        let said = report.matches(&format!("people.csv, line {line}, ")).count();
        assert_eq!(said, 1, "{report}");
    }
    let rejects = fs::read_to_string(rejects_file(&report)).expect("rejects");
    assert_eq!(rejects.lines().count(), 1 + 2, "{rejects}");
}

#[test]
fn a_deal_of_a_person_whose_row_is_rejected_is_rejected_as_well() {
    let office = Office::open();
    office.write("people.csv", format!("{PEOPLE}Cy Moss,AE,North\nCy Moss,AE,South\nDi Wu,AE,North\n"));
    office.write_deals("D5,Nuts,Acme,Cy Moss,2024-01-10,Won,2024-05-01,500\n");
    let report = office.import(&office.files());
    let says =
        "deals.csv, line 6, owner: `Cy Moss` is a person whose own row was rejected; correct that one first";
    assert_says(&report, &[says]);
    assert_eq!(counts(&report, "deals.csv"), [5, 0, 4, 0, 1]);
    let report = office.import(&office.files().join("deals.csv"));
    let says = "deals.csv, line 6, owner: `Cy Moss` is a person no file names; add the person or correct the spelling";
    assert_says(&report, &[says]);
    assert_eq!(office.bookings("Di Wu"), Decimal::ZERO);
    office.write("people.csv", format!("{PEOPLE}Di Wu,AE,North\nCy Moss,AE,North\n"));
    office.import(&office.files());
    assert_eq!(office.bookings("Cy Moss"), Decimal::from(500));
    assert_eq!(office.bookings("Di Wu"), Decimal::ZERO);
}

// What is not written, and where lines are.

#[test]
fn a_dry_run_says_what_would_happen_and_writes_nothing() {
    let office = Office::open();
    let good = "D5,Nuts,Acme,Ann Lee,2024-01-10,Won,2024-05-01,500\n";
    office.write_deals(&(faulty_rows() + good));
    let report = office.program.prints(&[
        "import",
        &office.files().to_string_lossy(),
        "--mapping",
        &office.mapping().to_string_lossy(),
        "--dry-run",
    ]);
    assert_adds_up(&report);
    assert_names_faults(&report);
    assert_says(&report, &["Preview: 1 changes (1 created, 0 changed, 0 deleted). Nothing was written"]);
    assert!(!report.contains("imported again"), "{report}");
    assert!(!office.program.data().join("rejects").exists(), "{report}");
    assert_eq!(office.ask(), office.figures);
    office.has_imported_once();
}

#[test]
fn importing_the_same_files_twice_changes_nothing() {
    let office = Office::open();
    office.has_imported_once();
    assert_eq!(office.ask(), office.figures);
}

#[test]
fn lines_are_those_that_an_editor_shows() {
    let office = Office::open();
    let more = "D5,\"Nuts,\nbolts\nand \"\"pins\"\"\",Acme,Ann Lee,2024-01-10,Won,2024-05-01,500
\nD6,Nuts,Acme,Ann Lee,2024-01-10,Maybe,2024-05-01,500\n";
    let bad = "deals.csv, line 10, stage: `Maybe` is not known; known are: Lost, Open, Won";
    let (unix, windows) = (format!("{DEALS}{more}"), format!("{DEALS}{more}").replace('\n', "\r\n"));
    for content in [unix.clone(), windows.clone(), format!("\u{feff}{unix}"), format!("\u{feff}{windows}")] {
        let report = office.import(&office.write("deals.csv", content));
        assert_says(&report, &[bad]);
        assert_eq!(counts(&report, "deals.csv")[0], 6);
        assert_eq!(office.bookings("Ann Lee"), Decimal::from(1000 + 500));
    }
}
