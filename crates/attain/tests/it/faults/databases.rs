//! Databases that stop, and connections that are cut, in the middle of an import or a request.

mod cable;

use attain_testing::Postgres;

use super::deliveries::Deliveries;
use super::{said_by_failure, signal, start_and_hold_import, state};
use crate::company_of_many::{account, files};
use crate::html;
use crate::program::{Program, Server};
use cable::Cable;

#[test]
fn an_import_whose_database_stops_fails_and_says_so() {
    let Some(server) = Postgres::start() else { return };
    let deliveries = Deliveries::write();
    let program = Program::on_postgres(server.create_database());
    let import = start_and_hold_import(&program, &deliveries.first, &deliveries.mapping);
    drop(server);
    signal(&import, "-CONT");
    let said = said_by_failure(&import.wait_with_output().expect("ended"));
    let says = "the records are busy with another change or do not answer: connection pool timed out; nothing was changed, try again";
    assert!(said.contains(says), "{said}");
}

#[test]
fn an_import_that_loses_its_database_changes_nothing_and_can_be_repeated() {
    let Some(server) = Postgres::shared() else { return };
    let deliveries = Deliveries::write();
    let cable = Cable::to(&server.create_database());
    let program = Program::on_postgres(cable.url());
    program.import(&deliveries.first, &deliveries.mapping);
    let before = state(&program);
    let import = start_and_hold_import(&program, &deliveries.second, &deliveries.mapping);
    cable.cut();
    signal(&import, "-CONT");
    let said = said_by_failure(&import.wait_with_output().expect("ended"));
    assert!(said.contains("the records "), "{said}");
    assert!(said.contains("; nothing was changed"), "{said}");
    cable.mend();
    assert_eq!(state(&program), before);
    let report = program.import(&deliveries.second, &deliveries.mapping);
    assert!(report.contains("Import 2: ") && !report.contains(": 0 changes"), "{report}");
}

#[test]
fn an_import_that_is_not_confirmed_says_so_and_can_be_repeated() {
    let Some(server) = Postgres::shared() else { return };
    let deliveries = Deliveries::write();
    let cable = Cable::to(&server.create_database());
    let program = Program::on_postgres(cable.url());
    program.import(&deliveries.first, &deliveries.mapping);
    cable.break_at_commit();
    let said = program.import_refused(&deliveries.second, &deliveries.mapping);
    assert!(said.contains("the records in PostgreSQL at 127.0.0.1:"), "{said}");
    assert!(said.contains("Importing the same files again is safe"), "{said}");
    cable.mend();
    let report = program.import(&deliveries.second, &deliveries.mapping);
    assert!(report.contains("Import 3: 0 changes"), "the commit had reached the server: {report}");
}

/// Somebody forgets to name the PostgreSQL once: a new SQLite file would take the facts for none.
#[test]
fn other_records_never_write_over_facts() {
    let Some(server) = Postgres::shared() else { return };
    let deliveries = Deliveries::write();
    let program = Program::on_postgres(server.create_database());
    program.import(&deliveries.first, &deliveries.mapping);
    let before = state(&program);
    let (first, mapping) = (deliveries.first.to_string_lossy(), deliveries.mapping.to_string_lossy());
    let mut forgotten = program.command(&["import", &first, "--mapping", &mapping]);
    let said = said_by_failure(&forgotten.env_remove("ATTAIN_RECORDS").output().expect("the program starts"));
    assert!(said.contains("belong to other records than the ones opened; nothing was changed"), "{said}");
    assert_eq!(state(&program), before);
    program.import(&deliveries.second, &deliveries.mapping);
}

/// A page asked for while the way to the records is cut says so, changes nothing, and works again
/// once the way is mended, without anybody starting anything.
#[test]
fn pages_say_that_the_records_are_away_and_work_again_by_themselves() {
    let Some(postgres) = Postgres::shared() else { return };
    let cable = Cable::to(&postgres.create_database());
    let program = Program::on_postgres(cable.url());
    files().deliver(&program);
    let server = Server::start(&program);
    let admin = account(&program, &server, "ada", None, &["admin", "ops"]);
    let invite = [("name", "Eve"), ("email", "eve@example.com")];
    cable.cut();
    for path in ["/scorecards", "/people/accounts", "/account", "/api/v1/imports", "/data/imports"] {
        let reply = server.get_as(&admin, path);
        assert_eq!(reply.status, 503, "{path}: {}", reply.text());
        assert!(reply.header("retry-after").is_some(), "{path}");
    }
    let refused = server.submit_as(&admin, "/people/accounts", &invite);
    assert_eq!(refused.status, 503, "{}", refused.text());
    assert!(html::text(&refused.text()).contains("Try again in a few seconds"));
    cable.mend();
    assert_eq!(server.get_as(&admin, "/scorecards").status, 200);
    let accounts = html::text(&server.get_as(&admin, "/people/accounts").text());
    assert!(accounts.contains("ada@example.com") && !accounts.contains("eve@example.com"), "{accounts}");
    assert_eq!(server.submit_as(&admin, "/people/accounts", &invite).status, 200);
}
