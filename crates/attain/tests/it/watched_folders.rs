//! Folders that a server watches: deliveries are imported as they come in and put away, and what is
//! refused stays with its reason.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use attain_testing::Postgres;

use crate::html;
use crate::program::{Program, Server};
use crate::small_company::Files;

fn on_both(story: fn(&Program)) {
    story(&Program::new());
    if let Some(server) = Postgres::shared() {
        story(&Program::on_postgres(server.create_database()));
    }
}

/// Copies files into a folder, as if they had been sent a minute ago.
fn drop_files(from: &Path, folder: &Path) {
    for entry in std::fs::read_dir(from).expect("files") {
        let path = entry.expect("a file").path();
        let target = folder.join(path.file_name().expect("a name"));
        std::fs::copy(&path, &target).expect("copied");
        let sent = SystemTime::now() - Duration::from_secs(60);
        File::options().append(true).open(&target).expect("opened").set_modified(sent).expect("dated");
    }
}

fn server(program: &Program, folder: &Path) -> Server {
    Server::start_with(program, &["--watch", &folder.to_string_lossy(), "--watch-every", "1440"])
}

/// The page of imports once the folder was looked at.
fn looked_at(server: &Server) -> String {
    let start = Instant::now();
    loop {
        let page = html::text(&server.text("/data/imports"));
        let watched = page.split("Watched folders").last().expect("a section").to_owned();
        if !watched.contains("not yet") {
            return watched;
        }
        assert!(start.elapsed() < Duration::from_secs(120), "{page}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// The names of what was put away below a folder, from all its deliveries.
fn put_away(folder: &Path, below: &str) -> Vec<String> {
    let Ok(deliveries) = std::fs::read_dir(folder.join(below)) else { return Vec::new() };
    let files = deliveries.flat_map(|delivery| {
        let files = std::fs::read_dir(delivery.expect("a delivery").path()).expect("its files");
        files.map(|file| file.expect("a file").file_name().into_string().expect("a name"))
    });
    let mut names: Vec<String> = files.collect();
    names.sort();
    names
}

#[test]
fn what_comes_in_is_imported_by_the_saved_mapping_and_put_away() {
    on_both(|program| {
        let (files, folder) = (Files::new(), tempfile::tempdir().expect("a folder"));
        program.import(&files.input(), &files.mapping());
        drop_files(&files.input(), folder.path());
        let names = std::fs::read_dir(folder.path()).expect("files").count();
        let server = server(program, folder.path());
        let watched = looked_at(&server);
        assert!(watched.contains("every 1440 minutes") && watched.contains("Import 2"), "{watched}");
        assert_eq!(put_away(folder.path(), "done").len(), names);
        assert_eq!(server.get("/api/v1/imports").json().as_array().map(Vec::len), Some(2));
    });
}

#[test]
fn what_no_mapping_reads_is_refused_with_the_reason_beside_it() {
    let program = Program::new();
    let folder = tempfile::tempdir().expect("a folder");
    let sent = tempfile::tempdir().expect("a folder");
    std::fs::write(sent.path().join("notes.txt"), "nothing to import").expect("written");
    drop_files(sent.path(), folder.path());
    let server = server(&program, folder.path());
    let watched = looked_at(&server);
    assert!(watched.contains("Refused. no mapping that is saved names these files"), "{watched}");
    assert_eq!(put_away(folder.path(), "refused"), ["notes.txt", "reason.txt"]);
    assert_eq!(put_away(folder.path(), "done"), [""; 0]);
}

#[test]
fn a_mapping_in_the_folder_reads_what_comes_there_first() {
    let program = Program::new();
    let (files, folder) = (Files::new(), tempfile::tempdir().expect("a folder"));
    std::fs::copy(files.mapping(), folder.path().join("mapping.yaml")).expect("copied");
    drop_files(&files.input(), folder.path());
    let server = server(&program, folder.path());
    assert!(looked_at(&server).contains("Import 1"));
    assert!(folder.path().join("mapping.yaml").is_file(), "it stays for the next delivery");
}

#[test]
fn a_folder_that_is_none_is_refused_before_anything_is_created() {
    let program = Program::new();
    let refused = program.refuses(&["serve", "--listen", "127.0.0.1:0", "--watch", "/no/such/folder"]);
    assert!(refused.contains("is no folder that could be watched"), "{refused}");
    assert!(!program.data().exists());
}
