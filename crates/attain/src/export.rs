//! Values as they leave the house: exact in JSON, harmless in spreadsheets.

use std::borrow::Cow;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::web::problem::PageError;

/// A decimal that JSON writes with all its digits, as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exact(pub(crate) Decimal);

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let digits = self.0.normalize().to_string();
        RawValue::from_string(digits).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

/// A text that no spreadsheet takes for a formula.
pub(crate) fn spreadsheet_text(text: &str) -> String {
    spreadsheet_cell(text).into_owned()
}

/// The same, kept where it is if it is harmless.
pub(crate) fn spreadsheet_cell(text: &str) -> Cow<'_, str> {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{text}").into(),
        false => text.into(),
    }
}

/// An absent value is an empty cell; a present one has all its digits.
pub(crate) fn spreadsheet_number(value: Option<Decimal>) -> String {
    value.map(|value| value.normalize().to_string()).unwrap_or_default()
}

/// Lines as a CSV file to be saved.
pub(crate) fn csv_file(
    name: &str,
    columns: &[impl AsRef<[u8]>],
    records: &[impl AsRef<[String]>],
) -> Result<Response, PageError> {
    let text = csv_text(columns, records).map_err(|error| PageError::Internal(error.to_string()))?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.csv\"")),
    ];
    Ok((headers, text).into_response())
}

fn csv_text(columns: &[impl AsRef<[u8]>], records: &[impl AsRef<[String]>]) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns)?;
    for record in records {
        writer.write_record(record.as_ref())?;
    }
    Ok(writer.into_inner()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_every_digit() {
        let value: Decimal = "0.6315005215318134406199672180".parse().expect("decimal");
        assert_eq!(serde_json::to_string(&Exact(value)).expect("json"), "0.631500521531813440619967218");
    }

    #[test]
    fn a_name_is_never_a_formula() {
        assert_eq!(
            spreadsheet_text("=HYPERLINK(\"http://example.com\")"),
            "'=HYPERLINK(\"http://example.com\")"
        );
        assert_eq!(spreadsheet_text("Acme"), "Acme");
    }
}
