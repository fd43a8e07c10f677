//! The files of a delivery as far as they are looked at: their first rows, whatever their format.

use std::path::{Path, PathBuf};

use super::choices::{Choices, FileChoices, HeaderRow};
use super::footer::{self, Footer};
use super::profile::Profile;
use super::question::{Answer, Place, Question};
use super::ready::{Ready, recognise};
use super::{vocabulary, wide};
use crate::mapping::{DeclaredFormat, Header};
use crate::reject::file_name;
use crate::source::{Encoding, Sought, SourceError, SourceFile, is_archive, unpack};
use crate::value::normalise;

/// Rows of a file that are looked at.
const ROWS_MAX: usize = 20_000;
/// Cells of a file that are looked at, whatever the number of its columns.
const CELLS_MAX: usize = 2_000_000;
/// Files that stand beside a delivery and are none of it.
const OTHER_EXTENSIONS: [&str; 7] = ["yaml", "yml", "md", "pdf", "upstream", "html", "zip.part"];

/// What was looked at of a delivery.
#[derive(Clone, Debug, Default)]
pub struct Samples {
    pub(super) files: Vec<Sample>,
    pub(super) unread: Vec<Unread>,
}

/// The beginning of a file.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    /// The name that a mapping has for it.
    pub(super) name: String,
    /// What it was read as, in words.
    pub(super) format: String,
    /// The same as a mapping says it, where it has to.
    pub(super) declared: Vec<(&'static str, String)>,
    pub(super) has_header: bool,
    pub(super) columns: Vec<Profile>,
    /// The export of a known system that has such a header.
    pub(super) ready: Option<Ready>,
    pub(super) rows: Vec<Vec<String>>,
    /// Whether these are all the rows there are.
    pub(super) is_whole: bool,
    /// Rows that have more or fewer fields than the header.
    pub(super) unfit: usize,
    /// Lines that are no rows.
    pub(super) footer: Footer,
    /// Columns that become rows, with the periods they are for.
    pub(super) unpivot: Vec<(String, String)>,
    /// Columns that say nothing more than others, and why.
    pub(super) left: Vec<(String, String)>,
    /// What has to be said about how it is written.
    pub(super) questions: Vec<Question>,
}

/// A file that could not be read.
#[derive(Clone, Debug)]
pub(super) struct Unread {
    pub(super) name: String,
    pub(super) problem: String,
    /// What to answer so that it can.
    pub(super) question: Option<Question>,
}

/// Why nothing can be suggested.
#[derive(Debug, thiserror::Error)]
pub enum SuggestionError {
    /// What was given cannot be read.
    #[error("could not read {path}: {cause}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        cause: std::io::Error,
    },
    /// An archive cannot be unpacked.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// Two files have the same name.
    #[error("{name} is given twice; give one of them another name, or look at one after the other")]
    GivenTwice {
        /// The name.
        name: String,
    },
    /// There is no file.
    #[error("there is no file to start from; give the files that your systems export, or their folder")]
    NoFile,
}

impl Samples {
    /// Looks at the first rows of files, of the files of one folder or of one zip archive, which is
    /// unpacked into the folder `scratch`. A file that cannot be read does not keep the others from
    /// being read: the suggestion says why.
    ///
    /// # Errors
    /// When there is no file, or two have the same name, or a folder or archive cannot be read.
    pub fn read(inputs: &[PathBuf], scratch: &Path, choices: &Choices) -> Result<Samples, SuggestionError> {
        let mut samples = Samples::default();
        let mut names: Vec<String> = Vec::new();
        for (name, path) in delivered(inputs, scratch)? {
            if names.iter().any(|known| known.eq_ignore_ascii_case(&name)) {
                return Err(SuggestionError::GivenTwice { name });
            }
            match Sample::read(&name, &path, &choices.of(&name)) {
                Ok(sample) => samples.files.push(sample),
                Err(error) => samples.unread.push(Unread::of(&name, &error)),
            }
            names.push(name);
        }
        if names.is_empty() { Err(SuggestionError::NoFile) } else { Ok(samples) }
    }

    /// The rows of the first file as comma-separated text, whatever it was; `None` if that would not be
    /// all of them.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        let sample = self.files.first().filter(|sample| sample.is_whole && sample.unfit == 0)?;
        let mut writer = csv::Writer::from_writer(Vec::new());
        if sample.has_header {
            writer.write_record(sample.columns.iter().map(|column| &column.name)).ok()?;
        }
        for row in sample.rows.iter().chain(&sample.footer.lines) {
            writer.write_record(row).ok()?;
        }
        String::from_utf8(writer.into_inner().ok()?).ok()
    }
}

/// The files of a delivery with the names that a mapping has for them.
fn delivered(inputs: &[PathBuf], scratch: &Path) -> Result<Vec<(String, PathBuf)>, SuggestionError> {
    let mut files = Vec::new();
    for input in inputs {
        let failed = |cause| SuggestionError::Io { path: input.clone(), cause };
        if input.metadata().map_err(failed)?.is_dir() {
            let entries = std::fs::read_dir(input).map_err(failed)?.flatten().map(|entry| entry.path());
            let mut found: Vec<PathBuf> = entries.filter(|path| path.is_file() && !is_other(path)).collect();
            found.sort();
            for path in found {
                files.extend(unpacked(&path, scratch)?);
            }
        } else {
            files.extend(unpacked(input, scratch)?);
        }
    }
    Ok(files)
}

fn is_other(path: &Path) -> bool {
    let name = file_name(path);
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    name.starts_with('.') || extension.is_some_and(|known| OTHER_EXTENSIONS.contains(&known.as_str()))
}

/// A file, or those of an archive.
fn unpacked(path: &Path, scratch: &Path) -> Result<Vec<(String, PathBuf)>, SuggestionError> {
    let name = file_name(path);
    let plain = |name: &str, ending: &str| {
        name.to_ascii_lowercase().ends_with(ending).then(|| name[..name.len() - ending.len()].to_owned())
    };
    if !is_archive(path)? {
        return Ok(vec![(plain(&name, ".gz").unwrap_or(name), path.to_owned())]);
    }
    let folder = scratch.join(&name);
    // What an earlier look left there is the same.
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).map_err(|cause| SuggestionError::Io { path: folder.clone(), cause })?;
    let files = unpack(path, &folder)?;
    let inner = plain(&name, ".zip").filter(|inner| inner.contains('.'));
    match (files.as_slice(), inner) {
        ([only], Some(inner)) => Ok(vec![(inner, only.clone())]),
        _ => {
            let kept = files.into_iter().filter(|path| !is_other(path));
            Ok(kept.map(|path| (file_name(&path), path)).collect())
        }
    }
}

impl Sample {
    fn read(name: &str, path: &Path, choices: &FileChoices) -> Result<Sample, SourceError> {
        let words = Sought::Words(vocabulary::all_words());
        let mut declared = declared(choices);
        let mut source = SourceFile::open_as(path, &declared, words)?;
        let positions = source.format().contains("JSON") || source.format().contains("Parquet");
        if choices.header.is_none() && !positions && looks_like_values(source.header()) {
            let skip = if source.titles().is_empty() { 0 } else { source.header_line() - 1 };
            declared.header = Header::None { skip };
            source = SourceFile::open_as(path, &declared, words)?;
        } else if names_a_column(source.titles(), source.header()) {
            declared.header = Header::Row(source.header_line());
        }
        source.columns()?;
        let mut names: Vec<String> = source.header().iter().map(|name| name.trim().to_owned()).collect();
        let has_header = !matches!(declared.header, Header::None { .. });
        let rows_max = ROWS_MAX.min(CELLS_MAX / names.len().max(1));
        let mut cells: Vec<Vec<String>> = Vec::new();
        let mut misread = None;
        let mut unfit = 0;
        // Lines with one field alone, below the last row.
        let mut below: Vec<String> = Vec::new();
        let mut is_whole = true;
        while source.next_record()?.is_some() {
            if cells.len() >= rows_max {
                is_whole = false;
                break;
            }
            if source.unfit().is_some() {
                match source.only_field() {
                    Some(text) => below.push(text.to_owned()),
                    None => unfit += 1,
                }
                continue;
            }
            unfit += std::mem::take(&mut below).len();
            let row: Vec<String> = source.record().cells().iter().map(str::to_owned).collect();
            misread = misread.or_else(|| {
                (0..row.len()).find_map(|at| source.misread(at).map(|reason| (at, reason.to_string())))
            });
            cells.push(row);
        }
        source.refuse_without_rows()?;
        let footer = if is_whole { footer::take(&names, &mut cells, &below) } else { Footer::default() };
        if footer.conditions.is_empty() {
            unfit += below.len();
        }
        let question = misread.filter(|_| choices.encoding.is_none());
        let mut questions: Vec<Question> =
            question.map(|(at, problem)| encoding(name, &names[at], &problem)).into_iter().collect();
        let said: Vec<&str> = std::iter::once(name).chain(source.titles().iter().flatten()).collect();
        let (mut unpivot, mut left) = (Vec::new(), Vec::new());
        if has_header && let Some(wide) = wide::unpivoted(name, &names, &cells, &said.join(" "), choices) {
            (names, cells, unpivot, left) = (wide.names, wide.rows, wide.unpivot, wide.left);
            questions.extend(wide.question);
        }
        let columns: Vec<Profile> = names
            .iter()
            .enumerate()
            .map(|(at, name)| {
                Profile::of(name, cells.iter().map(|row| row.get(at).map_or("", String::as_str)))
            })
            .collect();
        Ok(Sample {
            name: name.to_owned(),
            format: source.format().to_owned(),
            declared: written(choices, &declared),
            has_header,
            ready: recognise(&names, columns.iter().any(|column| column.has_long_identifiers)),
            columns,
            rows: cells,
            is_whole,
            unfit,
            footer,
            unpivot,
            left,
            questions,
        })
    }

    /// The cells of two columns, row by row.
    pub(super) fn pairs(&self, one: usize, other: usize) -> impl Iterator<Item = (&str, &str)> {
        self.rows.iter().map(move |row| (cell(row, one), cell(row, other)))
    }
}

fn cell(row: &[String], at: usize) -> &str {
    row.get(at).map_or("", |cell| cell.trim())
}

fn declared(choices: &FileChoices) -> DeclaredFormat {
    DeclaredFormat {
        kind: None,
        delimiter: choices.delimiter.and_then(|mark| u8::try_from(mark).ok()).filter(u8::is_ascii),
        quote: None,
        encoding: choices.encoding.as_deref().and_then(Encoding::from_name),
        header: match choices.header {
            None => Header::First,
            Some(HeaderRow::None) => Header::None { skip: 0 },
            Some(HeaderRow::At(row)) => Header::Row(row.max(1)),
        },
        sheet: choices.sheet.clone(),
    }
}

/// What a mapping has to say about the format.
fn written(choices: &FileChoices, declared: &DeclaredFormat) -> Vec<(&'static str, String)> {
    let mut written = Vec::new();
    if let Some(mark) = choices.delimiter.filter(|_| declared.delimiter.is_some()) {
        written.push(("delimiter", if mark == '\t' { "tab".into() } else { mark.to_string() }));
    }
    written.extend(
        choices.encoding.clone().filter(|_| declared.encoding.is_some()).map(|name| ("encoding", name)),
    );
    match declared.header {
        Header::First => {}
        Header::Row(row) => written.push(("header", row.to_string())),
        Header::None { skip } => {
            written.push(("header", "none".into()));
            written.extend((skip > 0).then(|| ("skip", skip.to_string())));
        }
    }
    written.extend(declared.sheet.clone().map(|sheet| ("sheet", sheet)));
    written
}

/// Whether a row above a header has the name of a column, so that an import might take it for the header.
fn names_a_column(titles: &[csv::StringRecord], header: &csv::StringRecord) -> bool {
    let plain = |text: &str| normalise(text).map(|text| text.to_lowercase());
    let names: Vec<String> = header.iter().filter_map(plain).collect();
    titles.iter().flatten().filter_map(plain).any(|cell| names.contains(&cell))
}

/// Whether a first row holds values and no names: names are no numbers, dates or blanks.
fn looks_like_values(header: &csv::StringRecord) -> bool {
    let cells: Vec<Option<String>> = header.iter().map(normalise).collect();
    let is_value = |text: &&String| {
        let profile = Profile::of("", std::iter::once(text.as_str()));
        // A year may be the name of a column.
        let is_year = text.len() == 4 && text.starts_with("20");
        (profile.is_number() && !is_year) || profile.is_date() || profile.is_email
    };
    let values = cells.iter().flatten().filter(is_value).count();
    let blanks = cells.iter().filter(|cell| cell.is_none()).count();
    values > 0 && values + blanks > 1 || (cells.len() == 1 && values == 1)
}

fn encoding(file: &str, column: &str, problem: &str) -> Question {
    Question {
        place: Place::Encoding { file: file.to_owned() },
        text: format!("What is the text of {file} written in? In the column `{column}` a cell {problem}"),
        answers: ["windows-1252", "windows-1250", "windows-1251", "macintosh"].map(Answer::plain).to_vec(),
        is_needed: false,
    }
}

impl Unread {
    fn of(name: &str, error: &SourceError) -> Unread {
        let file = name.to_owned();
        let ask = |place, text: String, answers| Some(Question { place, text, answers, is_needed: true });
        let question = match error {
            SourceError::TwoDelimiters(_) => ask(
                Place::Delimiter { file },
                format!("What stands between the fields of {name}? Two marks would do equally well."),
                vec![
                    Answer::new(";", "semicolon"),
                    Answer::new(",", "comma"),
                    Answer::new("\t", "tab"),
                    Answer::new("|", "bar"),
                ],
            ),
            SourceError::SeveralSheets { sheets, .. } => ask(
                Place::Sheet { file },
                format!("Which sheet of {name} is to be read?"),
                sheets.iter().map(|sheet| Answer::plain(sheet)).collect(),
            ),
            _ => None,
        };
        Unread { name: name.to_owned(), problem: error.to_string(), question }
    }
}
