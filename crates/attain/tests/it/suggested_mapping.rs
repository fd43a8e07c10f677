//! `attain mapping suggest`: from a folder of files to numbers, without writing a mapping by hand.

use attain_testing::shared_data;
use rust_decimal::Decimal;

use crate::program::{MAVEN_FILES, Program, copy_files};

const COMPANY: [&str; 6] =
    ["--company", "Example company", "--time-zone", "America/New_York", "--currency", "USD"];

fn suggest(inputs: &[&str], company: &[&str]) -> Vec<String> {
    let words = ["mapping", "suggest"].iter().chain(inputs).chain(company);
    words.map(|word| (*word).to_owned()).collect()
}

#[test]
fn a_suggested_mapping_imports_the_files_it_was_made_from() {
    let Some(data) = shared_data("maven_crm") else { return };
    let program = Program::new();
    let files = program.folder.path().join("export");
    std::fs::create_dir(&files).expect("a folder");
    copy_files(&data, &MAVEN_FILES, &files);
    let arguments = suggest(&[&files.to_string_lossy()], &COMPANY);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let text = program.prints(&arguments);
    assert!(
        text.contains(
            "# named like `owner_id`; its 30 values are all among `sales_agent` in sales_teams.csv."
        ),
        "{text}"
    );
    let mapping = program.folder.path().join("mapping.yaml");
    std::fs::write(&mapping, &text).expect("written");
    let report = program.import(&files, &mapping);
    assert!(report.contains("Import 1"), "{report}");
    let bookings = program.ask(&["bookings"], "", "all");
    assert_eq!(bookings.get("", "all", "bookings").value, Some(Decimal::from(10_005_534)));

    // The company is known by now.
    let again = suggest(&[&files.to_string_lossy()], &[]);
    let again: Vec<&str> = again.iter().map(String::as_str).collect();
    assert_eq!(program.prints(&again), text);
}

#[test]
fn what_cannot_be_started_from_is_said() {
    let program = Program::new();
    let folder = program.folder.path().join("export");
    std::fs::create_dir(&folder).expect("a folder");
    let refused = |inputs: &[&str], company: &[&str]| {
        let arguments = suggest(inputs, company);
        program.refuses(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let path = folder.to_string_lossy().into_owned();
    assert!(refused(&[&path], &COMPANY).contains("there is no file to start from"));
    assert!(refused(&["nowhere"], &COMPANY).contains("could not read nowhere"));
    std::fs::write(folder.join("deals.csv"), "Id,Stage\n1,Won\n").expect("written");
    assert!(refused(&[&path], &[]).contains("say whose files they are"));
    let zone = [&COMPANY[..2], &["--time-zone", "Mars", "--currency", "USD"]].concat();
    assert!(refused(&[&path], &zone).contains("`Mars` is not a time zone"));
}
