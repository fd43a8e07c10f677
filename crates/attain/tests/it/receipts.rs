//! Signed numbers: what was signed holds, whatever comes later, and nothing else does.
//!
//! CI alters a receipt at a few random bytes. `ATTAIN_ALTERATIONS=1000 cargo test --workspace
//! --test it receipts -- --nocapture` is a campaign; `ATTAIN_SEED` repeats an earlier one.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use attain_metrics::receipt::{Fingerprint, Receipt};
use attain_records::audit::{self, Verdict};
use attain_records::{Actor, Records};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;

use crate::html;
use crate::migration::Migrator;
use crate::program::{Program, Reply, Server};
use crate::small_company::{DEALS, Files, MAPPING};
use crate::two_times::on_both;

/// The small company, imported.
fn small_company() -> (Program, Files) {
    let (program, files) = (Program::new(), Files::new());
    files.deliver(&program);
    (program, files)
}

fn fingerprint(program: &Program) -> String {
    program.prints(&["key"]).trim().to_owned()
}

/// Signs the company's win rate of the year. Returns the file.
fn sign_win_rate(program: &Program, name: &str) -> PathBuf {
    let file = program.folder.path().join(name);
    let path = file.to_string_lossy();
    program.prints(&["sign", "--metric", "win_rate_count", "--period", "2024", "-o", &path]);
    file
}

/// `attain verify` with nothing but the program, the file and a fingerprint: no data directory, no
/// home, and where this machine allows it no network.
fn verify_alone(file: &Path, key: &str) -> Output {
    let empty = tempfile::tempdir().expect("temporary folder");
    let mut command = if no_network() { Command::new("unshare") } else { Command::new("env") };
    if no_network() {
        command.arg("-n");
    }
    command.arg(env!("CARGO_BIN_EXE_attain")).arg("verify").arg(file).args(["--key", key]);
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.env_clear().env("PATH", path).env("HOME", empty.path()).current_dir(empty.path());
    let output = command.output().expect("the program starts");
    assert_eq!(fs::read_dir(empty.path()).expect("a folder").count(), 0, "verifying leaves nothing behind");
    output
}

/// Whether a process can be started without network here.
fn no_network() -> bool {
    use std::sync::LazyLock;
    static POSSIBLE: LazyLock<bool> = LazyLock::new(|| {
        let tried = Command::new("unshare").args(["-n", "true"]).output();
        let possible = tried.is_ok_and(|output| output.status.success());
        if !possible {
            eprintln!(
                "NOT WITHOUT NETWORK: `unshare -n` does not work here, so receipts are verified with it"
            );
        }
        possible
    });
    *POSSIBLE
}

/// What a verification that fails says.
fn refused(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(!errors.contains("panicked") && output.stdout.is_empty(), "{errors}");
    errors
}

// Checked by a stranger.

#[test]
fn a_receipt_is_checked_with_the_file_the_fingerprint_and_the_program_alone() {
    let (program, _files) = small_company();
    let file = sign_win_rate(&program, "receipt.json");
    let output = verify_alone(&file, &fingerprint(&program));
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for words in [
        "Win rate of Small company, 2024: 0.75\n",
        "form: every byte",
        "the one you named",
        "signature: made with that key for exactly this content, by local owner",
        "3 ÷ 4 = 0.75, rounded half to even to 12 digits",
        "codes: E6, in keeping with the value",
        "The receipt holds. Not checked without its data: that the rows give these figures",
    ] {
        assert!(said.contains(words), "{said}\ndoes not say\n{words}");
    }
    let other = "SHA256:".to_owned() + &"0".repeat(64);
    let said = refused(&verify_alone(&file, &other));
    assert!(said.contains("it was signed with another key"), "{said}");
}

#[test]
fn a_file_that_is_no_receipt_is_refused_in_words() {
    let (program, _files) = small_company();
    let key = fingerprint(&program);
    let text = fs::read_to_string(sign_win_rate(&program, "receipt.json")).expect("a receipt");
    let swapped = text.replacen("\"numerator\": \"3\"", "\"numerator\": \"4\"", 1);
    let file = program.folder.path().join("other.json");
    for (bytes, says) in [
        (&b""[..], "does not read as a receipt"),
        (&b"\x7fELF\x02\x01\xff\xfe"[..], "not a text file: byte 7"),
        (&text.as_bytes()[..text.len() - 3], "does not read as a receipt: EOF while parsing"),
        (&[&b"{\"a\":"[..]; 50_000].concat(), "does not read as a receipt"),
        (text.replacen("receipt/1", "receipt/9", 1).as_bytes(), "its format is `attain-receipt/9`"),
        (format!("{text}{{}}").as_bytes(), "trailing characters"),
        (swapped.as_bytes(), "4 ÷ 4 is 1, rounded half to even to 12 digits, but the value is 0.75"),
        (swapped.as_bytes(), "the signature does not belong to this content"),
    ] {
        fs::write(&file, bytes).expect("written");
        let said = refused(&verify_alone(&file, &key));
        assert!(said.contains("other.json does not hold") && said.contains(says), "{said}\nnot\n{says}");
    }
    let hostile = text.replacen("attain-receipt/1", &format!("\\u001b]0;{}", "x".repeat(9_000)), 1);
    fs::write(&file, hostile).expect("written");
    let said = refused(&verify_alone(&file, &key));
    assert!(said.contains("its format is `\u{fffd}]0;xxx") && said.len() < 1_000, "{said}");
    let said = refused(&verify_alone(Path::new("/dev/zero"), &key));
    assert!(said.contains("it has more than 1000000 bytes"), "{said}");
    let said = refused(&verify_alone(program.folder.path(), &key));
    assert!(said.contains("could not read "), "{said}");
    let wrong_use = verify_alone(&file, "SHA256:1234");
    assert_eq!(wrong_use.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong_use.stderr).contains("is not a fingerprint"));
}

/// How many bytes a campaign changes.
fn alterations() -> usize {
    std::env::var("ATTAIN_ALTERATIONS")
        .map_or(12, |count| count.parse().expect("ATTAIN_ALTERATIONS is a number"))
}

#[test]
fn a_receipt_with_one_changed_byte_never_holds() {
    let (program, _files) = small_company();
    let key = fingerprint(&program);
    let file = sign_win_rate(&program, "receipt.json");
    let bytes = fs::read(&file).expect("a receipt");
    assert!(verify_alone(&file, &key).status.success());
    let seed =
        std::env::var("ATTAIN_SEED").map_or_else(|_| rand::random(), |seed| seed.parse().expect("a seed"));
    println!("ATTAIN_SEED={seed}, {} alterations", alterations());
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let altered_file = program.folder.path().join("altered.json");
    for _ in 0..alterations() {
        let mut altered = bytes.clone();
        let position = (chance.next_u64() % bytes.len() as u64) as usize;
        altered[position] ^= (chance.next_u32() % 255 + 1) as u8;
        fs::write(&altered_file, &altered).expect("written");
        let said = refused(&verify_alone(&altered_file, &key));
        assert!(said.contains("does not hold"), "byte {position} is {}: {said}", altered[position]);
    }
}

// What is known later.

/// Posts the form that stands on a number's sheet. Returns the address of the receipt.
fn sign_on_sheet(server: &Server, sheet: &str) -> String {
    let reply = post_form(server, &form_of(&server.text(sheet)), &[("Sec-Fetch-Site", "same-origin")]);
    assert_eq!(reply.status, 303, "{}", reply.text());
    let shown = reply.header("location").expect("an address");
    // It is recomputed at once.
    shown.strip_suffix("?recompute=now#recomputed").expect("recomputed").to_owned()
}

/// The hidden fields of the form that signs.
fn form_of(page: &str) -> Vec<(String, String)> {
    let tags = html::tags(page);
    let inputs = tags.iter().skip_while(|tag| tag.get("action") != Some("/receipts"));
    let hidden = inputs.take_while(|tag| tag.name != "/form").filter(|tag| tag.get("type") == Some("hidden"));
    let field = |name: Option<&str>| name.expect("a field").to_owned();
    hidden.map(|tag| (field(tag.get("name")), field(tag.get("value")))).collect()
}

fn post_form(server: &Server, form: &[(String, String)], headers: &[(&str, &str)]) -> Reply {
    let mut all = vec![("Content-Type", "application/x-www-form-urlencoded")];
    all.extend(headers);
    server.send_body("POST", "/receipts", &all, serde_urlencoded::to_string(form).expect("a form"))
}

fn download(server: &Server, receipt: &str) -> Vec<u8> {
    let number = receipt.rsplit('/').next().expect("a number");
    let reply = server.get(&format!("{receipt}/receipt-{number}.json"));
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let name = format!("attachment; filename=\"receipt-{number}.json\"");
    assert_eq!(reply.header("content-disposition"), Some(name.as_str()));
    reply.body
}

fn receipt_of(bytes: &[u8]) -> Receipt {
    Receipt::read(bytes).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(bytes)))
}

#[test]
fn after_a_later_import_a_receipt_holds_and_its_page_shows_both_values_with_the_rows_between() {
    on_both(|program, files| {
        files.deliver(program);
        let server = Server::start(program);
        let receipt = sign_on_sheet(&server, "/scorecards/numbers/bookings?period=all");
        let untouched = html::text(&server.text(&receipt));
        assert!(untouched.contains("Bookings of Small company, All time, is still 700 EUR."), "{untouched}");
        assert!(untouched.contains("The same rows count."), "{untouched}");
        let file = program.folder.path().join("receipt.json");
        fs::write(&file, download(&server, &receipt)).expect("written");

        let corrected = DEALS[0].replace(",100", ",1100");
        let more = "D-5,Fifth,Acme,anna,2024-06-01,2024-07-01,Won,30";
        let lost = DEALS[2].replace("Won", "Lost");
        files.deals(&[&corrected, &lost, DEALS[3], more]);
        files.deliver(program);

        let page = html::text(&server.text(&receipt));
        let finding =
            "Bookings of Small company, All time, was signed as 700 EUR and is known now as 1,130 EUR.";
        assert!(page.contains(finding), "{page}");
        assert!(page.contains("Rows between: 1 added, 2 gone, 1 changed. restated"), "{page}");
        for row in [
            "D-1 crm changed 100 1,100",
            "D-2 crm deleted 200 –",
            "D-3 crm counts no longer 400 –",
            "D-5 crm added – 30",
        ] {
            assert!(page.contains(row), "{page}\ndoes not show\n{row}");
        }
        assert!(!page.contains("D-4") && !page.contains("Same hash"), "{page}");
        let again = html::text(&server.text(&format!("{receipt}?recompute=now")));
        assert!(again.contains("Same hash."), "{again}");
        assert_eq!(download(&server, &receipt), fs::read(&file).expect("the file"), "it never changes");

        let key = fingerprint(program);
        let file = file.to_string_lossy();
        let said = program.prints(&["verify", &file, "--key", &key]);
        assert!(said.contains("The receipt holds, and the data gives the same figures and rows."), "{said}");
        assert!(verify_alone(Path::new(&*file), &key).status.success());
    });
}

/// No row changed, but more of the time is covered: the number of then had no value.
#[test]
fn what_a_later_delivery_covers_changes_no_receipt() {
    on_both(|program, files| {
        files.map(&MAPPING.replace("to: 2025-01-01", "to: 2024-07-01"));
        files.deliver(program);
        let server = Server::start(program);
        let receipt = sign_on_sheet(&server, "/scorecards/numbers/bookings?period=2024-Q4");
        let signed = receipt_of(&download(&server, &receipt)).statement().result.clone();
        assert_eq!((signed.value, signed.codes), (None, vec!["E1".to_owned()]));
        files.map(MAPPING);
        files.deliver(program);
        let page = html::text(&server.text(&format!("{receipt}?recompute=now")));
        assert!(page.contains("was signed as – and is known now as 0 EUR"), "{page}");
        assert!(page.contains("Facts to 30 Jun 2024 31 Dec 2024"), "{page}");
        assert!(page.contains("Same hash."), "{page}");
    });
}

#[test]
fn every_number_of_the_catalogue_can_be_signed_checked_and_recomputed() {
    let (program, _files) = small_company();
    let server = Server::start(&program);
    let key: Fingerprint = fingerprint(&program).parse().expect("a fingerprint");
    let mut signed = 0;
    for metric in server.get("/api/v1/metrics").json().as_array().expect("metrics") {
        for (level, name, period) in [("company", None, "2024-Q2"), ("rep", Some("Anna"), "all")] {
            let wanted = json!({ "metric": metric["id"], "level": level, "name": name, "period": period });
            let reply = post_json(&server, &wanted.to_string(), &[]);
            assert_eq!(reply.status, 201, "{wanted}: {}", reply.text());
            let answer = reply.json();
            let receipt = receipt_of(answer["file"].as_str().expect("a file").as_bytes());
            assert_eq!(receipt.deviations(&key), [], "{wanted}");
            assert_eq!(serde_json::to_value(&receipt).expect("JSON"), answer["receipt"]);
            let page = server.text(&format!("/receipts/{}?recompute=now", answer["number"]));
            assert!(html::text(&page).contains("Same hash."), "{wanted}: {}", html::text(&page));
            signed += 1;
        }
    }
    assert!(signed > 20, "{signed}");
    let listed = server.get("/api/v1/receipts?limit=500").json();
    assert_eq!(listed.as_array().map(Vec::len), Some(signed));
}

fn post_json(server: &Server, body: &str, headers: &[(&str, &str)]) -> Reply {
    let mut all = vec![("Content-Type", "application/json")];
    all.extend(headers);
    server.send_body("POST", "/api/v1/receipts", &all, body)
}

/// The purchases of both periods stand behind retention.
#[test]
fn behind_a_retention_stand_the_purchases_of_both_periods() {
    let (program, _files) = small_company();
    let server = Server::start(&program);
    let receipt = sign_on_sheet(&server, "/scorecards/numbers/buyer_retention?period=2024-Q2");
    let result = receipt_of(&download(&server, &receipt)).statement().result.clone();
    let shown = |digits: Option<attain_metrics::receipt::Digits>| digits.expect("a figure").to_string();
    assert_eq!(
        (shown(result.value), shown(result.numerator), shown(result.denominator)),
        ("0.5".into(), "1".into(), "2".into())
    );
    let page = html::text(&server.text(&receipt));
    // Acme bought D-1 and D-3, Bolt D-2.
    assert!(page.contains("Rows above the line 2 2 Rows below the line 3 3"), "{page}");
}

/// A record that says otherwise than when it was signed, as if somebody had rewritten the past.
#[test]
fn with_the_data_a_rewritten_past_is_found_and_its_rows_are_named() {
    let (program, files) = small_company();
    let file = sign_win_rate(&program, "receipt.json");
    files.deals(&[DEALS[0], &DEALS[1].replace("Won", "Lost"), DEALS[2]]);
    files.deliver(&program);
    let rewrite = "update snapshot set committed_at_us = (select committed_at_us from snapshot where number = 1) where number = 2";
    with_records(&program, async |records| {
        use sea_orm::ConnectionTrait;
        let transaction = records.begin(&Actor::local_owner()).await.expect("begun");
        transaction.connection().execute_unprepared(rewrite).await.expect("rewritten");
        transaction.commit().await.expect("committed");
    });
    let key = fingerprint(&program);
    let said = program.refuses(&["verify", &file.to_string_lossy(), "--key", &key]);
    for words in [
        "the receipt holds, but the data gives something else:",
        "- as of: signed snapshot 1 of ",
        "- value: signed 0.75, recomputed 0.666666666667",
        "- numerator: signed 3, recomputed 2",
        "- row crm D-2: signed above and below the line, now below the line; content ",
        "- row crm D-4: signed below the line, counts no longer",
    ] {
        assert!(said.contains(words), "{said}\ndoes not say\n{words}");
    }
    assert!(!said.contains("row crm D-1") && !said.contains("row crm D-3"), "{said}");
}

#[test]
fn a_receipt_of_other_data_is_not_recomputed_from_it() {
    let (program, _files) = small_company();
    let file = sign_win_rate(&program, "receipt.json");
    let (other, _) = small_company();
    let arguments = ["verify", &file.to_string_lossy(), "--key", &fingerprint(&program)];
    let said = other.refuses(&arguments);
    assert!(said.contains("nothing was known here at"), "{said}");
    let nowhere = Program::new();
    let said = nowhere.refuses(&arguments);
    assert!(said.contains("there is no data directory of Attain at"), "{said}");
    assert!(!nowhere.data().exists(), "verifying creates nothing");
}

#[test]
fn the_receipts_of_a_number_are_listed_on_its_sheet_and_on_a_page_of_their_own() {
    let (program, _files) = small_company();
    let server = Server::start(&program);
    let sheet = "/scorecards/rep/person-1/numbers/bookings?period=2024-Q1";
    sign_on_sheet(&server, "/scorecards/numbers/bookings?period=2024-Q1");
    for number in 2..=6 {
        assert_eq!(sign_on_sheet(&server, sheet), format!("/receipts/{number}"));
    }
    let page = server.text(sheet);
    assert!(html::text(&page).contains("Receipt 6 300 EUR signed"), "{}", html::text(&page));
    let of_this_number = "/receipts?metric=bookings&period=2024-Q1&level=rep&id=person-1";
    assert_eq!(html::link_text(&page, of_this_number), "All of this number");
    let listed = html::text(&server.text(of_this_number));
    assert!(listed.contains("5 signed numbers.") && !listed.contains("Receipt 1 "), "{listed}");
    let all = html::text(&server.text("/receipts"));
    assert!(
        all.contains("6 signed numbers.") && all.contains("Receipt 1 Bookings Small company 2024-Q1 300 EUR"),
        "{all}"
    );
}

#[test]
fn a_receipt_rewritten_in_the_records_is_shown_as_such() {
    let (program, _files) = small_company();
    sign_win_rate(&program, "receipt.json");
    sign_win_rate(&program, "other.json");
    with_records(&program, async |records| {
        use sea_orm::ConnectionTrait;
        let transaction = records.begin(&Actor::local_owner()).await.expect("begun");
        for rewrite in [
            "update receipt set content = replace(content, '\"0.75\"', '\"0.750\"') where number = 1",
            "update receipt set content = replace(content, 'Small', 'Large') where number = 2",
        ] {
            transaction.connection().execute_unprepared(rewrite).await.expect("rewritten");
        }
        transaction.commit().await.expect("committed");
    });
    let server = Server::start(&program);
    let page = html::text(&server.text("/receipts/1"));
    assert!(page.contains("This receipt was changed in the records after it was signed"), "{page}");
    assert_eq!(server.get("/api/v1/receipts/1").json()["receipt"], json!(null));
    let listed = html::text(&server.text("/receipts"));
    assert!(listed.contains("changed in the records; open it to see how"), "{listed}");
    let sheet = html::text(&server.text("/scorecards/numbers/win_rate_count?period=2024"));
    assert!(sheet.contains("Receipt 1 changed in the records"), "{sheet}");
    let again = html::text(&server.text("/receipts/2?recompute=now"));
    assert!(again.contains("This is not what was signed."), "{again}");
    assert!(again.contains("the signature does not belong to this content"), "{again}");
    assert!(again.contains("company: signed Large company, EUR, recomputed Small company, EUR"), "{again}");
}

fn with_records(program: &Program, action: impl AsyncFnOnce(Records)) {
    tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
        action(Records::open::<Migrator>(&program.records_url()).await.expect("records")).await;
    });
}

// Who signs, and what is asked for.

#[test]
fn signing_is_part_of_the_audit_log() {
    on_both(|program, files| {
        files.deliver(program);
        sign_win_rate(program, "receipt.json");
        with_records(program, async |records| {
            let actor = Actor::local_owner();
            let newest = audit::entries(&records, &actor, None, 1).await.expect("entries").remove(0);
            assert_eq!((newest.action.as_str(), newest.subject.as_str()), ("receipt.sign", "receipt 1"));
            assert!(newest.detail.contains("win_rate_count"), "{}", newest.detail);
            // The mapping, the import, the receipt.
            let verdict = audit::verify(&records, &actor).await.expect("a verdict");
            assert!(matches!(verdict, Verdict::Intact { entries: 3, .. }), "{verdict:?}");
        });
    });
}

#[test]
fn numbers_signed_at_the_same_moment_all_get_a_receipt() {
    on_both(|program, files| {
        files.deliver(program);
        let server = Server::start(program);
        let sign = || {
            let reply = post_json(&server, r#"{"metric": "bookings", "period": "all"}"#, &[]);
            assert_eq!(reply.status, 201, "{}", reply.text());
            reply.json()["number"].as_i64().expect("a number")
        };
        let mut numbers: Vec<i64> = std::thread::scope(|scope| {
            let signing: Vec<_> = (0..8).map(|_| scope.spawn(sign)).collect();
            signing.into_iter().map(|one| one.join().expect("signed")).collect()
        });
        // The same bytes, signed twice within a microsecond, are one receipt.
        let kept = server.get("/api/v1/receipts").json().as_array().expect("receipts").len();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers, (1..).take(kept).collect::<Vec<i64>>());
        let text = |number: &i64| server.text(&format!("/receipts/{number}/receipt-{number}.json"));
        let texts: BTreeSet<String> = numbers.iter().map(text).collect();
        assert_eq!(texts.len(), kept, "no receipt is kept twice");
    });
}

#[test]
fn nobody_signs_what_they_did_not_see() {
    let (program, files) = small_company();
    let server = Server::start(&program);
    let form = form_of(&server.text("/scorecards/numbers/bookings?period=all"));
    files.deals(&DEALS[1..]);
    files.deliver(&program);
    let reply = post_form(&server, &form, &[]);
    let text = html::text(&reply.text());
    assert_eq!(reply.status, 409, "{text}");
    assert!(text.contains("this number changed after the page was made; nothing was signed"), "{text}");
    assert_eq!(server.get("/api/v1/receipts").json(), json!([]));
}

#[test]
fn a_page_of_another_site_cannot_have_anything_signed() {
    let (program, _files) = small_company();
    let server = Server::start(&program);
    let form = form_of(&server.text("/scorecards/numbers/bookings?period=all"));
    let wanted = r#"{"metric": "bookings", "period": "all"}"#;
    for headers in [
        [("Sec-Fetch-Site", "cross-site")],
        [("Sec-Fetch-Site", "same-site")],
        [("Origin", "http://attain.example")],
        [("Origin", "null")],
    ] {
        let page = post_form(&server, &form, &headers);
        assert_eq!(page.status, 403, "{headers:?}");
        assert!(html::text(&page.text()).contains("a page of another site"), "{}", page.text());
        let problem = post_json(&server, wanted, &headers);
        assert_eq!((problem.status, problem.json()["type"].as_str()), (403, Some("/problems/other-site")));
    }
    assert_eq!(server.get("/api/v1/receipts").json(), json!([]));
    let own = format!("http://{}", server.address());
    assert_eq!(post_form(&server, &form, &[("Origin", &own)]).status, 303);
}

#[test]
fn what_cannot_be_signed_is_said() {
    let (program, _files) = small_company();
    let server = Server::start(&program);
    for (body, status, kind) in [
        ("", 422, "unreadable"),
        ("{", 422, "unreadable"),
        (r#"{"metric": "bookings"}"#, 422, "unreadable"),
        (r#"{"metric": 7, "period": "all"}"#, 422, "unreadable"),
        (r#"{"metric": "bookings", "period": "all", "colour": "red"}"#, 422, "unreadable"),
        (r#"{"metric": "colour", "period": "all"}"#, 422, "invalid"),
        (r#"{"metric": "bookings", "period": "2024-Q9"}"#, 422, "invalid"),
        (r#"{"metric": "bookings", "period": "all", "level": "rep"}"#, 422, "invalid"),
        (r#"{"metric": "bookings", "period": "all", "level": "rep", "name": "Nobody"}"#, 404, "not-found"),
    ] {
        let reply = post_json(&server, body, &[]);
        let said = (reply.status, reply.json()["type"].as_str().map(str::to_owned));
        assert_eq!(said, (status, Some(format!("/problems/{kind}"))), "{body}: {}", reply.text());
    }
    let form = |level: &str, id: &str| {
        let fields = [("metric", "bookings"), ("period", "all"), ("level", level), ("id", id), ("seen", "")];
        let fields: Vec<(String, String)> =
            fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        post_form(&server, &fields, &[]).status
    };
    assert_eq!([form("rep", "person-99"), form("planet", "person-1"), form("company", "person-1")], [404; 3]);
    for path in ["/receipts/1", "/receipts/first", "/receipts/1/receipt-1.json", "/receipts/1/receipt-2.json"]
    {
        assert_eq!(server.get(path).status, 404, "{path}");
    }
    let nothing = Program::new();
    let said = nothing.refuses(&["sign", "--metric", "bookings", "--period", "all"]);
    assert!(said.contains("nothing was imported yet"), "{said}");
    let said = program.refuses(&["sign", "--metric", "colour", "--period", "all"]);
    assert!(said.contains("there is no metric `colour`"), "{said}");
    assert_eq!(server.get("/api/v1/receipts").json(), json!([]));
}

// The key.

#[test]
fn the_key_is_made_once_for_its_owner_alone_and_its_fingerprint_is_everywhere() {
    let (program, files) = (Program::new(), Files::new());
    let said = program.refuses(&["key"]);
    assert!(said.contains("there is no signing key") && said.contains("attain import"), "{said}");
    let input = files.input();
    let arguments = ["import", &input.to_string_lossy(), "--mapping", &files.mapping().to_string_lossy()]
        .map(str::to_owned);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let dry = program.run(&[&arguments[..], &["--dry-run"]].concat());
    assert!(dry.status.success() && !program.data().join("signing.key").exists(), "a preview writes nothing");
    let announced =
        |output: &Output| String::from_utf8_lossy(&output.stderr).contains("Made the key that signs numbers");
    let first = program.run(&arguments);
    let key = fingerprint(&program);
    assert!(announced(&first) && String::from_utf8_lossy(&first.stderr).contains(&key));
    assert!(!announced(&program.run(&arguments)), "the key stays");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(program.data().join("signing.key")).expect("a key").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let receipt = fs::read_to_string(sign_win_rate(&program, "receipt.json")).expect("a receipt");
    assert!(receipt.contains(&format!("\"fingerprint\": \"{key}\"")), "{receipt}");
    let server = Server::start(&program);
    for page in ["/scorecards/numbers/bookings?period=all", "/receipts", "/receipts/1"] {
        assert!(html::text(&server.text(page)).contains(&key), "{page}");
    }
}

#[test]
fn without_its_key_nothing_is_signed_until_a_new_one_is_begun_on_purpose() {
    let (program, _files) = small_company();
    let (file, key) = (sign_win_rate(&program, "receipt.json"), fingerprint(&program));
    let key_file = program.data().join("signing.key");
    let sign = ["sign", "--metric", "bookings", "--period", "all"];
    fs::write(&key_file, "secret\n").expect("written");
    let said = program.refuses(&sign);
    assert!(said.contains("is not a signing key as Attain writes it; nothing was signed"), "{said}");
    fs::remove_file(&key_file).expect("removed");
    let said = program.refuses(&sign);
    assert!(said.contains("is missing, although numbers were signed with it; nothing was signed"), "{said}");
    assert!(said.contains("attain key --new") && !key_file.exists(), "{said}");
    let server = Server::start(&program);
    let sheet = "/scorecards/numbers/bookings?period=all";
    let reply = post_form(&server, &form_of(&server.text(sheet)), &[]);
    assert_eq!(reply.status, 409);
    assert!(
        html::text(&reply.text()).contains("is missing, although numbers were signed"),
        "{}",
        reply.text()
    );
    assert!(!key_file.exists(), "serving makes no second key");

    let new = program.prints(&["key", "--new"]).trim().to_owned();
    assert_ne!(new, key);
    let said = program.refuses(&["key", "--new"]);
    assert!(said.contains("there is a signing key") && said.contains("Nothing was changed"), "{said}");
    program.prints(&sign);
    assert!(verify_alone(&file, &key).status.success(), "what was signed before holds");
    assert!(refused(&verify_alone(&file, &new)).contains("another key"));
    let again = html::text(&server.text("/receipts/1?recompute=now"));
    assert!(again.contains("Same hash."), "{again}");
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_signs_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let (program, _files) = small_company();
    let key_file = program.data().join("signing.key");
    fs::set_permissions(&key_file, fs::Permissions::from_mode(0o640)).expect("opened");
    let said = program.refuses(&["sign", "--metric", "bookings", "--period", "all"]);
    assert!(said.contains("others can read the signing key") && said.contains("chmod 600"), "{said}");
}
