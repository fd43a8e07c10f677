//! The program under test: its commands, its server, and answers as maps.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rust_decimal::Decimal;

/// The mapping of the sample company's files.
pub(crate) fn maven_mapping() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/maven_crm/mapping.yaml")
}

/// The program on a data directory of its own.
pub(crate) struct Program {
    pub(crate) folder: tempfile::TempDir,
    records: Option<String>,
}

impl Program {
    pub(crate) fn new() -> Program {
        Program { folder: tempfile::tempdir().expect("temporary folder"), records: None }
    }

    /// The program with its records on PostgreSQL.
    pub(crate) fn on_postgres(url: String) -> Program {
        Program { records: Some(url), ..Program::new() }
    }

    /// The program with the sample company imported.
    pub(crate) fn with_maven(files: &Path) -> Program {
        let program = Program::new();
        program.import(files, &maven_mapping());
        program
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The address of its records.
    pub(crate) fn records_url(&self) -> String {
        let in_data = || attain_records::sqlite_url(&self.data().join("attain.db"));
        self.records.clone().unwrap_or_else(in_data)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_attain"));
        command
            .args(arguments)
            .env("ATTAIN_DATA", self.data())
            .env_remove("ATTAIN_RECORDS")
            .stdin(Stdio::null());
        if let Some(url) = &self.records {
            command.env("ATTAIN_RECORDS", url);
        }
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the program starts")
    }

    /// What a command that works prints.
    pub(crate) fn prints(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {errors}");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// What a command that fails says. It fails with code 1 and never panics.
    pub(crate) fn refuses(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {errors}");
        assert!(!errors.contains("panicked"), "{errors}");
        format!("{}{errors}", String::from_utf8_lossy(&output.stdout))
    }

    pub(crate) fn import(&self, input: &Path, mapping: &Path) -> String {
        self.prints(&["import", &input.to_string_lossy(), "--mapping", &mapping.to_string_lossy()])
    }

    pub(crate) fn import_refused(&self, input: &Path, mapping: &Path) -> String {
        self.refuses(&["import", &input.to_string_lossy(), "--mapping", &mapping.to_string_lossy()])
    }

    /// Asks metrics and reads the CSV answer.
    pub(crate) fn ask(&self, metrics: &[&str], by: &str, period: &str) -> Answer {
        let metrics = metrics.join(",");
        let mut arguments = vec!["query", "--metric", &metrics, "--period", period, "--format", "csv"];
        if !by.is_empty() {
            arguments.extend(["--by", by]);
        }
        Answer::read(&self.prints(&arguments))
    }
}

/// The program serving pages and API. It ends when this is dropped.
pub(crate) struct Server {
    child: Child,
    address: String,
    /// What it has said on standard output.
    said: Arc<Mutex<String>>,
}

impl Server {
    /// `attain serve` on a free port.
    pub(crate) fn start(program: &Program) -> Server {
        Server::start_with(program, &[])
    }

    /// The same with more arguments.
    pub(crate) fn start_with(program: &Program, arguments: &[&str]) -> Server {
        Server::of(program.command(&[&["serve", "--listen", "127.0.0.1:0"], arguments].concat()))
    }

    /// `attain demo` on the given port or the next free one, its files in `files`. What it says
    /// stands in `demo.log` in the program's folder, and so does what it keeps while it runs.
    pub(crate) fn demo(program: &Program, files: &Path, listen: &str) -> Server {
        let log = std::fs::File::create(program.folder.path().join("demo.log")).expect("a log");
        let mut command = program.command(&["demo", "--listen", listen, "--files"]);
        command.arg(files).env("TMPDIR", program.folder.path()).stderr(log);
        Server::of(command)
    }

    /// The address of a page, for a browser.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A command that serves, once it has said where.
    pub(crate) fn of(mut command: Command) -> Server {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut first = String::new();
        let mut output = BufReader::new(child.stdout.take().expect("standard output"));
        output.read_line(&mut first).expect("a line");
        let address = first.split_whitespace().find_map(|word| word.strip_prefix("http://"));
        let address = address.unwrap_or_else(|| panic!("no address in `{first}`")).to_owned();
        let said = Arc::new(Mutex::new(String::new()));
        let heard = Arc::clone(&said);
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                heard.lock().expect("a listener").push_str(&format!("{line}\n"));
            }
        });
        Server { child, address, said }
    }

    /// The path of the link by which the first account is made.
    pub(crate) fn first_link(&self) -> String {
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(60) {
            let said = self.said.lock().expect("a listener").clone();
            if let Some((_, link)) = said.split_once("/welcome/") {
                let secret = link.split_whitespace().next().expect("a secret");
                return format!("/welcome/{secret}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("no link to make the first account by");
    }

    /// A command that serves on every address of this machine, reached by its loopback, and what it
    /// said on standard error before.
    pub(crate) fn on_all_addresses(mut command: Command, errors: &Path) -> (Server, String) {
        command.stderr(std::fs::File::create(errors).expect("a file"));
        let mut server = Server::of(command);
        server.address = server.address.replace("0.0.0.0", "127.0.0.1");
        (server, std::fs::read_to_string(errors).expect("what was said"))
    }

    /// Host and port.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The number of the process.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the program to end by itself; whether it ended well, and in reasonable time.
    pub(crate) fn ends_well(mut self) -> bool {
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(30) {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status.success();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[])
    }

    /// The text of what must be there.
    pub(crate) fn text(&self, path: &str) -> String {
        let reply = self.get(path);
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        reply.text()
    }

    /// One request on a connection of its own. A `Host` among the headers replaces the right one.
    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.send_body(method, path, headers, "")
    }

    /// The same with a body.
    pub(crate) fn send_body(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl AsRef<[u8]>,
    ) -> Reply {
        exchange(&self.address, method, path, headers, body.as_ref())
    }
}

/// One request to a server at an address, on a connection of its own.
pub(crate) fn exchange(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Reply {
    let mut head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    if !headers.iter().any(|(name, _)| *name == "Host") {
        head.push_str(&format!("Host: {address}\r\n"));
    }
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    let mut stream = TcpStream::connect(address).expect("the server listens");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a time limit");
    stream.write_all(format!("{head}\r\n").as_bytes()).expect("the server reads");
    stream.write_all(body).expect("the server reads");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap_or_else(|error| panic!("{method} {path}: {error}"));
    Reply::read(&bytes)
}

impl Server {
    /// Submits a form.
    pub(crate) fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let body = serde_urlencoded::to_string(fields).expect("fields");
        let form = [("Content-Type", "application/x-www-form-urlencoded")];
        self.send_body("POST", path, &form, body)
    }

    /// Submits a form with files.
    pub(crate) fn send_files(&self, path: &str, fields: &[(&str, &str)], files: &[(&str, &[u8])]) -> Reply {
        let kind = [("Content-Type", "multipart/form-data; boundary=between")];
        self.send_body("POST", path, &kind, multipart(fields, files))
    }

    /// Sends a folder of files to the first step of an import: the page of the next one.
    pub(crate) fn upload(&self, folder: &Path) -> String {
        let entries = std::fs::read_dir(folder).expect("a folder").flatten();
        let mut files: Vec<(String, Vec<u8>)> = entries
            .map(|entry| {
                let content = std::fs::read(entry.path()).expect("a file");
                (entry.file_name().to_string_lossy().into_owned(), content)
            })
            .collect();
        files.sort();
        let files: Vec<(&str, &[u8])> =
            files.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect();
        let reply = self.send_files("/data/uploads", &[], &files);
        assert_eq!(reply.status, 303, "{}", reply.text());
        reply.header("location").expect("a next page").to_owned()
    }
}

/// The body of a form with files, `between` between its parts.
pub(crate) fn multipart(fields: &[(&str, &str)], files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part = format!("--between\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    for (name, content) in files {
        let head = format!(
            "--between\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--between--\r\n");
    body
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already; there is nothing else to do then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer of the server.
pub(crate) struct Reply {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    /// As transferred, compressed or not.
    pub(crate) body: Vec<u8>,
}

impl Reply {
    fn read(bytes: &[u8]) -> Reply {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
        let head = std::str::from_utf8(&bytes[..end]).expect("a head");
        let (first, rest) = head.split_once("\r\n").expect("headers");
        let headers = rest.lines().map(|line| line.split_once(": ").expect("a header"));
        let headers: Vec<(String, String)> =
            headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
        let mut reply = Reply {
            status: first.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status"),
            headers,
            body: bytes[end + 4..].to_vec(),
        };
        if reply.header("transfer-encoding") == Some("chunked") {
            reply.body = joined(&reply.body);
        }
        reply
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(given, _)| given == name);
        found.next().map(|(_, value)| value.as_str())
    }

    /// Every value of a header.
    pub(crate) fn headers_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(of, _)| of == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("UTF-8")
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
}

/// A body that came in chunks, each behind its length.
fn joined(mut chunks: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    loop {
        let end = chunks.windows(2).position(|two| two == b"\r\n").expect("a length");
        let length = std::str::from_utf8(&chunks[..end]).expect("a length");
        let length = usize::from_str_radix(length, 16).expect("a length");
        if length == 0 {
            return whole;
        }
        let from = end + 2;
        whole.extend_from_slice(&chunks[from..from + length]);
        chunks = &chunks[from + length + 2..];
    }
}

/// A value as exported: absent is an empty cell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Value {
    pub(crate) value: Option<Decimal>,
    pub(crate) numerator: Option<Decimal>,
    pub(crate) denominator: Option<Decimal>,
    pub(crate) n: u64,
    pub(crate) codes: String,
    pub(crate) rank: Option<String>,
}

/// An answer by members (joined by `|`), period and metric.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) values: HashMap<(String, String, String), Value>,
}

impl Answer {
    pub(crate) fn read(csv_text: &str) -> Answer {
        let mut reader = csv::Reader::from_reader(csv_text.as_bytes());
        let header = reader.headers().expect("header").clone();
        let position = |name: &str| header.iter().position(|column| column == name);
        let period = position("period").expect("period");
        let mut values = HashMap::new();
        for record in reader.records() {
            let record = record.expect("record");
            let cell = |name: &str| position(name).and_then(|index| record.get(index)).unwrap_or_default();
            let decimal = |name: &str| (!cell(name).is_empty()).then(|| cell(name).parse().expect("decimal"));
            let members: Vec<&str> = record.iter().take(period).collect();
            let value = Value {
                value: decimal("value"),
                numerator: decimal("numerator"),
                denominator: decimal("denominator"),
                n: cell("n").parse().expect("n"),
                codes: cell("codes").to_owned(),
                rank: position("rank").map(|_| cell("rank").to_owned()),
            };
            let key = (members.join("|"), cell("period").to_owned(), cell("metric").to_owned());
            assert!(values.insert(key.clone(), value).is_none(), "two rows for {key:?}");
        }
        Answer { values }
    }

    pub(crate) fn get(&self, members: &str, period: &str, metric: &str) -> &Value {
        let key = (members.to_owned(), period.to_owned(), metric.to_owned());
        self.values.get(&key).unwrap_or_else(|| panic!("no number for {key:?}"))
    }
}

/// Copies files, as a user keeps a changed copy of an export.
pub(crate) fn copy_files(from: &Path, names: &[&str], to: &Path) {
    for name in names {
        std::fs::copy(from.join(name), to.join(name)).expect("copy");
        let mut permissions = std::fs::metadata(to.join(name)).expect("copy").permissions();
        #[allow(
            clippy::permissions_set_readonly_false,
            reason = "a copy in a temporary folder of the test's own"
        )]
        permissions.set_readonly(false);
        std::fs::set_permissions(to.join(name), permissions).expect("writable");
    }
}

/// The four files of the sample company.
pub(crate) const MAVEN_FILES: [&str; 4] =
    ["sales_teams.csv", "accounts.csv", "products.csv", "sales_pipeline.csv"];
