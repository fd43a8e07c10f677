//! How a server is set up: flags over environment over file over defaults, shown with their sources.

use crate::company_of_many::account;
use crate::html;
use crate::program::{Program, Server};

/// What `attain config` says of a setting: value and source.
fn said(printed: &str, setting: &str) -> (String, String) {
    let mut rows = csv::Reader::from_reader(printed.as_bytes());
    let found = rows.records().map(|row| row.expect("a row")).find(|row| &row[0] == setting);
    let found = found.unwrap_or_else(|| panic!("no {setting} in {printed}"));
    (found[1].to_owned(), found[2].to_owned())
}

fn file(program: &Program, text: &str) -> String {
    let path = program.folder.path().join("attain.toml");
    std::fs::write(&path, text).expect("a file");
    path.to_string_lossy().into_owned()
}

#[test]
fn a_flag_comes_before_the_environment_that_before_the_file_and_that_before_defaults() {
    let program = Program::new();
    let path = file(
        &program,
        "listen = '127.0.0.1:1001'\nwatch-every = 3\ntrusted-proxy = ['10.0.0.1', '10.0.0.2']\n[mail]\nserver = 'smtp://127.0.0.1'\nfrom = 'attain@example.com'\npassword = 'not to be shown'",
    );
    let mut command =
        program.command(&["config", "--format", "csv", "--config", &path, "--listen", "127.0.0.1:1003"]);
    let output = command
        .env("ATTAIN_LISTEN", "127.0.0.1:1002")
        .env("ATTAIN_WATCH_EVERY", "4")
        .output()
        .expect("it runs");
    let printed = String::from_utf8(output.stdout).expect("text");
    let source = |setting: &str| said(&printed, setting);
    let pair = |value: &str, from: &str| (value.to_owned(), from.to_owned());
    assert_eq!(source("listen"), pair("127.0.0.1:1003", "flag"));
    assert_eq!(source("watch-every"), pair("4", "environment, ATTAIN_WATCH_EVERY"));
    assert_eq!(source("trusted-proxy"), pair("10.0.0.1, 10.0.0.2", &path));
    assert_eq!(source("mail-server"), pair("smtp://127.0.0.1", &path));
    assert_eq!(source("mail-password"), pair("set, not shown", &path));
    assert_eq!(source("upload-limit"), pair("2048", "default"));
    assert_eq!(source("oidc-issuer"), pair("", "default"));
    assert!(!printed.contains("not to be shown"), "{printed}");
}

#[test]
fn a_server_started_by_a_file_alone_shows_where_its_settings_are_from() {
    let program = Program::new();
    let path = file(&program, "listen = '127.0.0.1:0'\nupload-limit = 7");
    let mut command = program.command(&["serve"]);
    command.env("ATTAIN_CONFIG", &path);
    let server = Server::of(command);
    let ada = account(&program, &server, "ada", None, &["admin"]);
    let page = html::text(&server.get_as(&ada, "/settings").text());
    assert!(page.contains("upload-limit") && page.contains("attain.toml"), "{page}");
    let eve = account(&program, &server, "eve", None, &["exec"]);
    assert_eq!(server.get_as(&eve, "/settings").status, 404);
}

#[test]
fn a_secret_in_the_file_is_shown_nowhere() {
    let program = Program::new();
    let path = file(
        &program,
        "records = 'postgres://attain:hidden-word@localhost/attain'\n[mail]\npassword = 'hidden-word'",
    );
    for arguments in [["config", "--config", &path], ["serve", "--help", "--config"]] {
        let mut command = program.command(&arguments);
        command.arg(&path).env_remove("ATTAIN_RECORDS");
        let output = command.output().expect("it runs");
        let said =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(!said.contains("hidden-word"), "{said}");
    }
}

#[test]
fn what_is_wrong_in_the_file_is_said_before_anything_is_done() {
    let program = Program::new();
    for (text, words) in [
        ("lisen = '127.0.0.1:0'", "no setting `lisen`"),
        ("listen = [[1]]", "`listen` takes"),
        ("listen = ", "line 1"),
        ("listen = 'everywhere'", "everywhere"),
        ("watch-every = 0", "watch-every"),
    ] {
        let path = file(&program, text);
        let output = program.command(&["serve", "--config", &path]).output().expect("it runs");
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{text}: {errors}");
        assert!(errors.contains(words), "{text}: {errors}");
    }
    assert!(!program.data().exists(), "nothing was created");
    let half = file(&program, "[mail]\nserver = 'smtp://127.0.0.1'");
    assert!(program.refuses(&["serve", "--config", &half]).contains("--mail-from"));
    let half = file(&program, "[oidc]\nissuer = 'https://login.example.com'\nclient-id = 'attain'");
    assert!(program.refuses(&["serve", "--config", &half]).contains("--address"));
}
