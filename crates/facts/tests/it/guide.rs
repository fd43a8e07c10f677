//! The guide's list of tables is what the program knows.

use std::fmt::Write;
use std::path::Path;

use attain_facts::canonical::{Column, ColumnType, Need, Table};

const HEAD: &str = "# The tables

What a mapping can fill, and what each column holds. `!` marks columns that a mapping has to supply;
`+` those that no row may leave blank if the mapping supplies them; all others may be blank. The
identifier of a row is the mapping's `key`; where a table is named with an identifier, other rows
refer to it by that key. [Mapping your files](mapping.md) says how texts are read.

<!-- Made from the program: ATTAIN_WRITE_GUIDE=1 cargo test --workspace --test it the_guide_lists -->
";

fn holds(kind: ColumnType) -> String {
    match kind {
        ColumnType::Text => "text".into(),
        ColumnType::PersonalText => "text about a person".into(),
        ColumnType::TimeZone => "time zone, such as Europe/Berlin".into(),
        ColumnType::Currency => "currency, such as EUR".into(),
        ColumnType::Date => "date".into(),
        ColumnType::Month => "month, such as 2024-11".into(),
        ColumnType::Timestamp => "instant".into(),
        ColumnType::Decimal => "number".into(),
        ColumnType::Amount => "number, not negative".into(),
        ColumnType::Share => "share from 0 to 1".into(),
        ColumnType::Rate => "number above 0, up to twelve places".into(),
        ColumnType::Count => "whole number, not negative".into(),
        ColumnType::Boolean => "true or false".into(),
        ColumnType::Choice(choices) => choices.join(", "),
        ColumnType::Reference(table) => format!("key of a row of [{table}](#{table})"),
        ColumnType::Subject(kind) => format!("key of the row that `{kind}` says"),
    }
}

fn line(column: &Column) -> String {
    let mark = match column.need {
        Need::Always => " !",
        Need::WhereMapped => " +",
        Need::Never => "",
    };
    format!("| `{}`{mark} | {} |\n", column.name, holds(column.kind))
}

fn guide() -> String {
    let mut guide = HEAD.to_owned();
    for table in Table::ALL {
        let id = table.id_column().map(|id| format!(" Identifier: `{id}`.")).unwrap_or_default();
        let mut meaning = table.meaning().to_owned();
        meaning[..1].make_ascii_uppercase();
        write!(guide, "\n## {table}\n\n{meaning}.{id}\n\n| column | holds |\n|---|---|\n").expect("text");
        guide.extend(table.columns().iter().map(line));
    }
    guide
}

#[test]
fn the_guide_lists_every_table_with_its_columns() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/tables.md");
    if std::env::var_os("ATTAIN_WRITE_GUIDE").is_some() {
        std::fs::write(&path, guide()).expect("written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == guide(),
        "docs/tables.md is not what the program knows; write it anew with `ATTAIN_WRITE_GUIDE=1 cargo test --workspace --test it the_guide_lists`"
    );
}
