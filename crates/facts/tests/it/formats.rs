//! The formats that files come in: each brings the same facts, says what is wrong in its own places,
//! and hands rows back that can be corrected and imported again.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use attain_facts::canonical::Table;
use attain_facts::import::ImportReport;
use datafusion::arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use datafusion::parquet::arrow::ArrowWriter;
use flate2::Compression;
use flate2::write::GzEncoder;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::office::{HEAD, Office, Row, parse, rejected};

/// A mapping of one file to deals: identifier, stage, amount, and the day it closes.
fn deals(file: &str, lines: &str) -> String {
    mapping(file, lines, ["id", "name", "stage", "amount", "closes"])
}

fn mapping(file: &str, lines: &str, [id, name, stage, amount, closes]: [&str; 5]) -> String {
    format!(
        "{HEAD}files:
  - file: {file}
{lines}    tables:
      - table: opportunity
        key: {id}
        columns:
          name: {name}
          outcome: {stage}
          amount: {amount}
          close_date: {closes}
"
    )
}

const TEXT: &str = "id,name,stage,amount,closes
D1,Füller GmbH,open,1234.5,2024-03-31
D2,\"Café, Lyon\",open,,2024-04-30
";

/// The deals of [`TEXT`].
fn expected() -> BTreeMap<String, [String; 3]> {
    [("D1", ["Füller GmbH", "1234.500000", "2024-03-31"]), ("D2", ["Café, Lyon", "", "2024-04-30"])]
        .map(|(id, cells)| (id.to_owned(), cells.map(str::to_owned)))
        .into()
}

impl Office {
    async fn import_one(&self, mapping: &str, file: &str, content: &[u8]) -> Result<ImportReport, String> {
        let path = self.deliver(file, content);
        self.import(mapping, &[path]).await.map_err(|error| error.to_string())
    }

    async fn deals(&self) -> BTreeMap<String, [String; 3]> {
        let cell = |row: &Row, name: &str| row.get(name).cloned().unwrap_or_default();
        let rows = self.rows(Table::Opportunity).await.into_iter();
        rows.map(|(id, row)| (id, ["name", "amount", "close_date"].map(|name| cell(&row, name)))).collect()
    }
}

/// Imports a file and looks whether it brings the deals of [`TEXT`]; what it was read as.
async fn check(mapping: &str, file: &str, content: &[u8], format: &str) {
    let office = Office::open().await;
    let report = office.import_one(mapping, file, content).await.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(rejected(&report), [""; 0], "{format}");
    assert_eq!(office.deals().await, expected(), "{format}");
    assert_eq!(report.files[0].format, format);
    adds_up(&report);
    let again = office.import_one(mapping, file, content).await.expect("imported again");
    assert_eq!(again.total().unchanged, 2, "{format}: known already");
}

fn adds_up(report: &ImportReport) {
    let total = report.total();
    assert_eq!(total.read, total.accepted + total.unchanged + total.filtered + total.rejected);
}

/// What is said about a file that cannot be read.
async fn refused(mapping: &str, file: &str, content: &[u8], says: &str) {
    let office = Office::open().await;
    let error = office.import_one(mapping, file, content).await.expect_err("refused");
    assert!(error.contains(says), "{error}\ndoes not say\n{says}");
    assert!(error.ends_with("Nothing was imported"), "{error}");
}

fn utf_16(text: &str) -> Vec<u8> {
    format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn latin_1(text: &str) -> Vec<u8> {
    text.chars().map(|character| u8::try_from(u32::from(character)).expect("a byte")).collect()
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).expect("packed");
    encoder.finish().expect("packed")
}

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in files {
        writer.start_file(*name, SimpleFileOptions::default()).expect("an entry");
        writer.write_all(content).expect("packed");
    }
    writer.finish().expect("packed").into_inner()
}

#[tokio::test]
async fn text_is_read_whatever_its_delimiter_quotation_encoding_and_line_ends() {
    let plain = deals("deals.csv", "");
    check(&plain, "deals.csv", TEXT.as_bytes(), "CSV, `,`, UTF-8").await;
    let crlf = format!("\u{feff}{}", TEXT.replace('\n', "\r\n"));
    check(&plain, "deals.csv", crlf.as_bytes(), "CSV, `,`, UTF-8").await;
    check(&plain, "deals.csv", &utf_16(TEXT), "CSV, `,`, UTF-16").await;
    check(&plain, "deals.csv.gz", &gzip(TEXT.as_bytes()), "CSV, `,`, UTF-8, gzip").await;
    check(&plain, "deals.csv.zip", &zip(&[("export 7.csv", TEXT.as_bytes())]), "CSV, `,`, UTF-8").await;
    let semicolons =
        TEXT.replace("Café, Lyon", "Café; Lyon").replace(',', ";").replace("Café; Lyon", "Café, Lyon");
    check(&plain, "deals.csv", semicolons.as_bytes(), "CSV, `;`, UTF-8").await;
    for (name, format) in [("windows-1252", "Windows-1252"), ("latin-1", "Latin-1")] {
        let lines = format!("    format: {{ encoding: {name} }}\n");
        check(&deals("deals.csv", &lines), "deals.csv", &latin_1(TEXT), &format!("CSV, `,`, {format}")).await;
    }
    let marked = TEXT.replace('"', "'");
    let lines = "    format: { delimiter: \",\", quote: \"'\" }\n";
    check(&deals("deals.csv", lines), "deals.csv", marked.as_bytes(), "CSV, `,`, UTF-8").await;
    let titled = format!("Deals of the north\n\n{TEXT}");
    let lines = "    format: { header: 3 }\n";
    check(&deals("deals.csv", lines), "deals.csv", titled.as_bytes(), "CSV, `,`, UTF-8").await;
    check(&plain, "deals.csv", titled.as_bytes(), "CSV, `,`, UTF-8, header in line 3").await;
    let without_amount = titled.replace("amount", "sum");
    refused(&plain, "deals.csv", without_amount.as_bytes(), "deals.csv, line 3: there is no column `amount`")
        .await;
}

#[tokio::test]
async fn columns_without_a_header_are_called_by_their_positions() {
    let rows = "D1\tFüller GmbH\topen\t1234.5\t2024-03-31\nD2\tCafé, Lyon\topen\t\t2024-04-30\n";
    let lines = "    format: { header: none, delimiter: tab, quote: none }\n";
    let by_position = mapping("deals.txt", lines, ["1", "2", "3", "4", "5"]);
    check(&by_position, "deals.txt", rows.as_bytes(), "CSV, tab, UTF-8, no header").await;
    let beyond = mapping("deals.txt", lines, ["1", "2", "3", "4", "6"]);
    refused(&beyond, "deals.txt", rows.as_bytes(), "there is no column `6`; the header has: 1, 2, 3, 4, 5")
        .await;
}

#[tokio::test]
async fn a_row_with_bytes_that_are_no_text_is_rejected_and_the_others_are_not() {
    let office = Office::open().await;
    let mapping = deals("deals.csv", "");
    let mixed = [TEXT.as_bytes(), b"D3,M\xFCller,open,1,2024-05-31\n"].concat();
    let report = office.import_one(&mapping, "deals.csv", &mixed).await.expect("imported");
    let said = rejected(&report);
    assert_eq!(said.len(), 1);
    assert!(
        said[0].starts_with("4|name|M\u{fffd}ller|is not UTF-8 text; it would be `Müller` in Windows-1252"),
        "{said:?}"
    );
    assert_eq!(office.deals().await, expected());
    adds_up(&report);
    let handed_back = report.files[0].rejects_file.clone().expect("a rejects file");
    let again = office.import(&mapping, std::slice::from_ref(&handed_back)).await.expect("imported");
    assert_eq!(again.total().rejected, 1, "uncorrected, it is rejected again");
    correct(&handed_back, |text| {
        text.chars()
            .filter(|c| !('\u{fdd0}'..='\u{fdef}').contains(c))
            .collect::<String>()
            .replace("Mller", "Müller")
    });
    office.import(&mapping, &[handed_back]).await.expect("imported");
    assert_eq!(office.deals().await["D3"][0], "Müller");
    let misread = [TEXT.as_bytes(), b"D3,x,open,1,2024-05-31\n"].concat();
    let lines = "    format: { encoding: windows-1252 }\n";
    let office = Office::open().await;
    let report =
        office.import_one(&deals("deals.csv", lines), "deals.csv", &misread).await.expect("imported");
    let said = rejected(&report);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].contains("would be `Füller GmbH` in UTF-8"), "{said:?}");
    refused(
        &mapping,
        "deals.csv",
        b"id,n\xE4me\nD1,x\n",
        "line 1: the column `n\u{fffd}me` is not UTF-8 text",
    )
    .await;
}

fn correct(file: &PathBuf, how: impl Fn(String) -> String) {
    let text = fs::read_to_string(file).expect("a rejects file");
    fs::write(file, how(text)).expect("corrected");
}

#[tokio::test]
async fn packed_files_that_are_damaged_or_bombs_are_refused() {
    let mapping = deals("deals.csv", "");
    let packed = gzip(TEXT.repeat(50).as_bytes());
    refused(&mapping, "deals.csv.gz", &packed[..packed.len() / 2], "damaged or cut off").await;
    let packed = zip(&[("deals.csv", TEXT.as_bytes())]);
    refused(&mapping, "deals.csv.zip", &packed[..packed.len() / 2], "damaged or cut off").await;
    let zeros = vec![b'\n'; 80 << 20];
    refused(&mapping, "deals.csv.gz", &gzip(&zeros), "more than 200 times its size").await;
    refused(&mapping, "deals.csv.zip", &zip(&[("deals.csv", &zeros)]), "more than 200 times its size").await;
    let bomb = workbook("<row/>", &[("xl/media/image.png", &zeros)]);
    refused(&deals("deals.xlsx", ""), "deals.xlsx", &bomb, "more than 200 times its size").await;
    let two = zip(&[("a.csv", b"x"), ("b.csv", b"y")]);
    refused(&mapping, "deals.csv.zip", &two, "it holds 2 files where one is expected").await;
}

#[tokio::test]
async fn a_zip_archive_is_delivered_like_a_folder() {
    let office = Office::open().await;
    let files: [(&str, &[u8]); 3] = [
        ("export/deals.csv", TEXT.as_bytes()),
        ("export/readme.txt", b"x"),
        ("__MACOSX/export/._deals.csv", b"x"),
    ];
    let report =
        office.import_one(&deals("deals.csv", ""), "delivery.zip", &zip(&files)).await.expect("imported");
    assert_eq!(report.not_mapped, ["readme.txt"]);
    assert_eq!(office.deals().await, expected());
    let escaping = zip(&[("../../deals.csv", TEXT.as_bytes())]);
    let report =
        office.import_one(&deals("deals.csv", ""), "delivery.zip", &escaping).await.expect("imported");
    assert_eq!(report.total().unchanged, 2, "unpacked in its own folder, wherever it wants to go");
}

/// A workbook with one sheet, `Deals`, of the rows, and more files in its archive.
fn workbook(rows: &str, more: &[(&str, &[u8])]) -> Vec<u8> {
    let sheet = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData><mergeCells><mergeCell ref="B2:F2"/><mergeCell ref="C9:C10"/></mergeCells></worksheet>"#
    );
    let files: [(&str, &[u8]); 6] = [
        ("[Content_Types].xml", br#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#),
        ("_rels/.rels", br#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#),
        ("xl/workbook.xml", br#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Deals" sheetId="1" r:id="rId1"/></sheets></workbook>"#),
        ("xl/_rels/workbook.xml.rels", br#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#),
        ("xl/styles.xml", br#"<?xml version="1.0"?><styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"#),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ];
    zip(&[&files, more].concat())
}

fn cell(place: &str, text: &str) -> String {
    format!(r#"<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>"#)
}

/// The header in B4, below a merged title and a blank row, and the two deals.
fn sheet() -> String {
    let header = ["id", "name", "stage", "amount", "closes"];
    let header: String =
        "BCDEF".chars().zip(header).map(|(letter, name)| cell(&format!("{letter}4"), name)).collect();
    let first = [cell("B5", "D1"), cell("C5", "Füller GmbH"), cell("D5", "open")].concat();
    let second = [cell("B7", "D2"), cell("C7", "Café, Lyon"), cell("D7", "open")].concat();
    format!(
        r#"<row r="2">{}</row><row r="4">{header}</row>
        <row r="5">{first}<c r="E5"><v>1234.5</v></c><c r="F5" s="1"><v>45382</v></c></row>
        <row r="7">{second}<c r="F7" s="1"><v>45412</v></c></row>"#,
        cell("B2", "Deals of the north")
    )
}

#[tokio::test]
async fn a_sheet_of_excel_is_read_below_its_header_wherever_that_stands() {
    let content = workbook(&sheet(), &[]);
    let format = "Excel, sheet `Deals`";
    check(&deals("deals.xlsx", ""), "deals.xlsx", &content, format).await;
    let lines = "    format: { kind: xlsx, sheet: deals, header: 4 }\n";
    check(&deals("deals.xlsx", lines), "deals.xlsx", &content, format).await;
    // Dates and numbers have types of their own: the formats of the mapping are for texts.
    let german = deals("deals.xlsx", "")
        .replace("amount: amount", "amount: { column: amount, format: \"1.234,56\" }")
        .replace("close_date: closes", "close_date: { column: closes, format: \"%d.%m.%Y\" }");
    check(&german, "deals.xlsx", &content, format).await;
    let lines = "    format: { sheet: Orders }\n";
    refused(&deals("deals.xlsx", lines), "deals.xlsx", &content, "it has no sheet `Orders`; it has: `Deals`")
        .await;
    let lines = "    format: { kind: csv }\n";
    refused(
        &deals("deals.xlsx", lines),
        "deals.xlsx",
        &content,
        "the mapping says `kind: csv`, but it looks like xlsx",
    )
    .await;
    refused(&deals("deals.xlsx", ""), "deals.xlsx", &content[..400], "damaged or cut off").await;
    refused(&deals("deals.xls", ""), "deals.xls", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "old format (.xls)")
        .await;
    refused(&deals("deals.xlsx", ""), "deals.xlsx", &workbook("", &[]), "is empty").await;
}

#[tokio::test]
async fn cells_that_say_nothing_sensible_are_rejected_by_their_names() {
    let bad = [
        format!(
            "<row r=\"8\">{}{}<c r=\"E8\" t=\"e\"><f>A1</f><v>#REF!</v></c></row>",
            cell("B8", "D3"),
            cell("D8", "open")
        ),
        format!("<row r=\"9\">{}{}{}</row>", cell("B9", "D4"), cell("C9", "Both"), cell("D9", "open")),
        format!("<row r=\"10\">{}{}</row>", cell("B10", "D5"), cell("D10", "open")),
        format!(
            "<row r=\"11\">{}{}<c r=\"E11\"><f>1+1</f></c></row>",
            cell("B11", "D6"),
            cell("D11", "open")
        ),
        format!(
            "<row r=\"12\">{}{}<c r=\"E12\"><v>12</v></c>{}</row>",
            cell("B12", "D7"),
            cell("D12", "open"),
            cell("F12", "soon")
        ),
    ];
    let office = Office::open().await;
    let mapping = deals("deals.xlsx", "");
    let content = workbook(&(sheet() + &bad.concat()), &[]);
    let report = office.import_one(&mapping, "deals.xlsx", &content).await.expect("imported");
    adds_up(&report);
    let places: Vec<String> =
        report.files[0].rejected.iter().map(|row| format!("{} {}", row.place(), row.reason)).collect();
    for (place, says) in places.iter().zip([
        "Deals!E8 is an error of the spreadsheet",
        "Deals!C9 is merged with other cells",
        "Deals!C10 is merged with other cells",
        "Deals!E11 is a formula that was never computed",
        "Deals!F12 is not a date as in 2024-11-23",
    ]) {
        assert!(place.starts_with(says), "{place} is not {says}");
    }
    assert_eq!(places.len(), 5, "{places:?}");
    assert_eq!(office.deals().await, expected());
    let handed_back = report.files[0].rejects_file.clone().expect("a rejects file");
    assert_eq!(handed_back.file_name().and_then(|name| name.to_str()), Some("deals.xlsx.csv"));
    let german = mapping.replace("amount: amount", "amount: { column: amount, format: \"1.234,56\" }");
    let again = office.import(&german, std::slice::from_ref(&handed_back)).await.expect("imported");
    assert_eq!(again.total().rejected, 3, "uncorrected: an error, a formula, and no date");
    correct(&handed_back, |text| {
        text.replace("#REF!", "7").replace("#CALC!", "2").replace("soon", "2024-05-31")
    });
    let again = office.import(&german, &[handed_back]).await.expect("imported");
    let said = rejected(&again);
    assert_eq!(said, [""; 0], "cells that were merged are plain ones in a CSV file");
    let deals = office.deals().await;
    assert_eq!(deals["D7"], ["", "12.000000", "2024-05-31"], "12 was a number, whatever the format of texts");
    assert_eq!(deals["D3"][1], "7.000000");
}

fn open_document(rows: &str) -> Vec<u8> {
    open_document_of(&content(rows))
}

fn content(rows: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet><table:table table:name="Deals">{rows}</table:table></office:spreadsheet></office:body></office:document-content>"#
    )
}

fn open_document_of(content: &str) -> Vec<u8> {
    let manifest = br#"<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>"#;
    zip(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", manifest),
        ("content.xml", content.as_bytes()),
    ])
}

fn ods_row(cells: &[&str]) -> String {
    let cell = |text: &&str| match text.split_once(':') {
        Some(("float", value)) => format!(
            r#"<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value}</text:p></table:table-cell>"#
        ),
        Some(("date", value)) => format!(
            r#"<table:table-cell office:value-type="date" office:date-value="{value}"><text:p>x</text:p></table:table-cell>"#
        ),
        _ if text.is_empty() => "<table:table-cell/>".to_owned(),
        _ => format!(
            r#"<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>"#
        ),
    };
    format!("<table:table-row>{}</table:table-row>", cells.iter().map(cell).collect::<String>())
}

#[tokio::test]
async fn a_sheet_of_open_document_is_read_like_one_of_excel() {
    let rows = [
        ods_row(&["", "Deals of the north"]),
        ods_row(&["", ""]),
        ods_row(&["", "id", "name", "stage", "amount", "closes"]),
        ods_row(&["", "D1", "Füller GmbH", "open", "float:1234.5", "date:2024-03-31"]),
        ods_row(&["", "D2", "Café, Lyon", "open", "", "date:2024-04-30"]),
    ]
    .concat();
    let mapping = deals("deals.ods", "");
    check(&mapping, "deals.ods", &open_document(&rows), "OpenDocument, sheet `Deals`").await;
    let endless = open_document_of(&content(&rows).replace("</office:document-content>", ""));
    refused(&mapping, "deals.ods", &endless, "its content has no end").await;
    let bad = rows + &ods_row(&["", "D3", "x", "open", "#REF!", "date:2024-04-30"]);
    let office = Office::open().await;
    let report = office.import_one(&mapping, "deals.ods", &open_document(&bad)).await.expect("imported");
    adds_up(&report);
    let rejected = &report.files[0].rejected;
    assert_eq!(rejected.len(), 1);
    assert_eq!((rejected[0].place().as_str(), rejected[0].column.as_deref()), ("Deals!E6", Some("amount")));
}

#[tokio::test]
async fn json_lines_are_read_and_lines_that_are_none_are_rejected() {
    let lines = r#"{"deal":{"id":"D1","name":"Füller GmbH"},"stage":"open","amount":1234.5,"closes":"2024-03-31"}

{"stage":"open","deal":{"id":"D2","name":"Café, Lyon"},"amount":null,"closes":"2024-04-30","tags":["x"]}
"#;
    let mapping = mapping("deals.jsonl", "", ["deal.id", "deal.name", "stage", "amount", "closes"]);
    check(&mapping, "deals.jsonl", lines.as_bytes(), "JSON lines, UTF-8").await;
    check(&mapping, "deals.jsonl.gz", &gzip(lines.as_bytes()), "JSON lines, UTF-8, gzip").await;
    let office = Office::open().await;
    let bad = format!(
        "{lines}{{\"stage\":\"open\",\n{{\"stage\":\"open\",\"deal\":{{\"id\":\"D4\"}},\"amount\":\"12x\"}}\n"
    );
    let report = office.import_one(&mapping, "deals.jsonl", bad.as_bytes()).await.expect("imported");
    adds_up(&report);
    let said = rejected(&report);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].starts_with("4|-|") && said[0].contains("is no JSON object"), "{said:?}");
    assert!(said[1].starts_with("5|amount|12x|is not a number"), "{said:?}");
    let handed_back = report.files[0].rejects_file.clone().expect("a rejects file");
    let again = office.import(&mapping, std::slice::from_ref(&handed_back)).await.expect("imported");
    assert_eq!(again.total().rejected, 2, "uncorrected, both are rejected again");
    correct(&handed_back, |text| text.replace("12x", "12"));
    let again = office.import(&mapping, &[handed_back]).await.expect("imported");
    assert_eq!((again.total().accepted, again.total().rejected), (1, 1));
    assert_eq!(office.deals().await["D4"][1], "12.000000");
    refused(&mapping, "deals.jsonl", br#"[{"id":1}]"#, "it is one JSON list").await;
}

#[tokio::test]
async fn parquet_is_read_with_its_types() {
    fn bytes(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
        let batch = RecordBatch::try_from_iter(columns).expect("a batch");
        let mut bytes = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).expect("a writer");
        writer.write(&batch).expect("written");
        writer.close().expect("written");
        bytes
    }
    let text = |cells: [&str; 2]| -> ArrayRef { Arc::new(StringArray::from(cells.to_vec())) };
    let with = |amount: ArrayRef, closes: ArrayRef| {
        bytes(vec![
            ("id", text(["D1", "D2"])),
            ("name", text(["Füller GmbH", "Café, Lyon"])),
            ("stage", text(["open", "open"])),
            ("amount", amount),
            ("closes", closes),
            ("won", Arc::new(BooleanArray::from(vec![true, false]))),
        ])
    };
    let mapping = deals("deals.parquet", "");
    let decimals =
        Decimal128Array::from(vec![Some(123_450), None]).with_precision_and_scale(12, 2).expect("decimals");
    let days: ArrayRef = Arc::new(Date32Array::from(vec![19_813, 19_843]));
    let content = with(Arc::new(decimals), days.clone());
    check(&mapping, "deals.parquet", &content, "Parquet").await;
    let day = 86_400_000_000;
    let midnights = TimestampMicrosecondArray::from(vec![19_813 * day, 19_843 * day]);
    let floats: ArrayRef = Arc::new(Float64Array::from(vec![Some(1234.5), None]));
    check(&mapping, "deals.parquet", &with(floats.clone(), Arc::new(midnights)), "Parquet").await;
    let office = Office::open().await;
    let negative: ArrayRef = Arc::new(Float64Array::from(vec![Some(1234.5), Some(f64::NAN)]));
    let report = office.import_one(&mapping, "deals.parquet", &with(negative, days)).await.expect("imported");
    adds_up(&report);
    assert_eq!(report.files[0].rejected[0].place(), "row 2");
    refused(&mapping, "deals.parquet", &content[..content.len() - 40], "damaged or cut off").await;
}

#[tokio::test]
async fn a_single_endless_line_is_refused_before_it_fills_the_memory() {
    let endless = "x".repeat(6 << 20);
    let mapping = deals("deals.csv", "");
    let content = format!("id,name,stage,amount,closes\nD1,{endless}");
    refused(
        &mapping,
        "deals.csv",
        content.as_bytes(),
        "line 2: the row that begins here is longer than 4 MiB",
    )
    .await;
    refused(&mapping, "deals.csv", endless.as_bytes(), "longer than 4 MiB").await;
    let json = format!("{{\"id\":\"{endless}\"}}");
    refused(&mapping, "deals.csv", json.as_bytes(), "longer than 4 MiB").await;
}

#[test]
fn what_a_format_cannot_be_is_said_with_its_place() {
    for (format, says) in [
        ("{ kind: xls }", "line 10, column 21: unknown kind of file `xls`; did you mean `xlsx`?"),
        ("{ delimiter: \";;\" }", "`;;` is no delimiter"),
        ("{ delimiter: \"'\", quote: \"'\" }", "delimiter and quote cannot be the same mark"),
        ("{ encoding: klingon }", "`klingon` is no encoding"),
        ("{ header: 0 }", "rows are counted from 1"),
        ("{ skip: 2 }", "`skip` goes with `header: none`"),
        ("{ kind: csv, sheet: Deals }", "`sheet` does not belong to a file of the kind csv"),
    ] {
        let error =
            parse(&deals("deals.csv", &format!("    format: {format}\n"))).expect_err(format).to_string();
        assert!(error.contains(says), "{error}\ndoes not say\n{says}");
    }
}
