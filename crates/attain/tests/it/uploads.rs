//! Data comes in through the browser and by POST: looked at first, imported in whole, stopped
//! without a trace, and read by the mapping that was saved.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant, SystemTime};

use attain_testing::Postgres;
use serde_json::Value;

use crate::html;
use crate::program::{Program, Reply, Server, multipart};
use crate::small_company::{Files, MAPPING};

fn on_both(story: fn(&Program)) {
    story(&Program::new());
    if let Some(server) = Postgres::shared() {
        story(&Program::on_postgres(server.create_database()));
    }
}

/// Where a reply leads.
fn leads_to(reply: &Reply) -> String {
    assert_eq!(reply.status, 303, "{}", reply.text());
    reply.header("location").expect("a next page").to_owned()
}

/// The words of a page.
fn words(server: &Server, path: &str) -> String {
    html::text(&server.text(path))
}

/// Follows a run until it is over: the page it ends on, and its address.
fn ended(server: &Server, run: &str) -> (String, String) {
    let path = run.split('#').next().expect("a path").to_owned();
    let start = Instant::now();
    loop {
        let reply = server.get(&path);
        if reply.status == 303 {
            let next = leads_to(&reply);
            return (server.text(&next), next);
        }
        if reply.header("refresh").is_none() {
            return (reply.text(), path);
        }
        assert!(start.elapsed() < Duration::from_secs(180), "{path} never ends");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Writes a mapping as text and looks at what would happen.
fn look(server: &Server, upload: &str, mapping: &str) -> (String, String) {
    let reply = server.submit(upload, &[("written_as", "text"), ("text", mapping), ("act", "look")]);
    ended(server, &leads_to(&reply))
}

/// Imports what a preview shows.
fn import(server: &Server, preview: &(String, String)) -> (String, String) {
    let (page, path) = preview;
    let seen = page.split("name=\"seen\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let reply = server.submit(path, &[("seen", seen.expect("what was seen"))]);
    ended(server, &leads_to(&reply))
}

fn imports(server: &Server) -> usize {
    server.get("/api/v1/imports").json().as_array().expect("imports").len()
}

/// What lies in the folder of uploads.
fn uploads(program: &Program) -> usize {
    std::fs::read_dir(program.data().join("uploads")).map_or(0, Iterator::count)
}

#[test]
fn files_are_looked_at_imported_and_read_by_the_saved_mapping_the_next_time() {
    on_both(|program| {
        let (files, server) = (Files::new(), Server::start(program));
        let upload = server.upload(&files.input());
        let (preview, run) = look(&server, &upload, MAPPING);
        let shown = html::text(&preview);
        assert!(shown.contains("Of 6 rows 6 would be taken"), "{shown}");
        assert!(shown.contains("D-1 new First Acme Anna"), "references are shown by name: {shown}");
        assert!(shown.contains("opportunity.amount EUR 0 750 750"), "{shown}");
        assert_eq!(imports(&server), 0, "nothing is imported by looking");

        let report = import(&server, &(preview, run));
        assert_eq!(report.1, "/data/imports/1");
        assert!(html::text(&report.0).contains("6 read = 6 accepted"), "{}", report.0);
        let won = program.ask(&["bookings"], "", "2024");
        assert_eq!(won.get("", "2024", "bookings").value, Some(700.into()));
        assert_eq!(leads_to(&server.get(&upload)), "/data/imports/1", "the upload is an import now");

        let saved =
            |version: u32| server.text("/data/mappings").contains(&format!("/data/mappings/crm/{version}"));
        assert!(saved(1), "by importing");
        let said = words(&server, "/data/mappings/crm/1");
        assert!(said.contains("amount_ccy “EUR” in every row"), "in words too: {said}");
        assert_eq!(server.text("/data/mappings/crm/1/mapping.yaml"), MAPPING);
        files.deliver(program);
        assert!(
            !words(&server, "/data/mappings").contains("version 2"),
            "the command line used the same one"
        );

        let again = server.upload(&files.input());
        assert!(words(&server, &again).contains("Read by the saved mapping of crm, version 1"));
        let (preview, _) = look(&server, &again, MAPPING);
        assert!(html::text(&preview).contains("0 would be taken, 6 are known already"), "{preview}");
    });
}

#[test]
fn what_is_wrong_with_a_mapping_is_said_with_its_place_and_nothing_is_lost() {
    let (program, files) = (Program::new(), Files::new());
    let server = Server::start(&program);
    let upload = server.upload(&files.input());
    let wrong = MAPPING.replace("stage: stage", "stge: stage");
    let reply = server.submit(&upload, &[("written_as", "text"), ("text", &wrong), ("act", "look")]);
    let shown = html::text(&reply.text());
    assert_eq!(reply.status, 422);
    assert!(shown.contains("Mapping, line 38, column 17") && shown.contains("did you mean"), "{shown}");
    assert!(reply.text().contains("stge: stage"), "the text is still there");
    assert!(words(&server, &upload).contains("stge: stage"), "also after coming back");
    let elsewhere = MAPPING.replace("people.csv", "staff.csv").replace("deals.csv", "orders.csv");
    let reply = server.submit(&upload, &[("written_as", "text"), ("text", &elsewhere), ("act", "look")]);
    assert!(html::text(&reply.text()).contains("reads none of the files"), "{}", reply.text());
    assert_eq!(imports(&server), 0);
}

/// The fields that a form has, as its page shows them: names, and what is chosen or typed.
fn fields(page: &str) -> Vec<(String, String)> {
    let plain = |text: &str| text.replace("&quot;", "\"").replace("&amp;", "&");
    let within = |text: &str, name: &str| {
        text.split(&format!("{name}=\"")).nth(1).and_then(|rest| rest.split('"').next()).map(plain)
    };
    let form = page.split("<form class=\"editor mapping\"").nth(1).expect("a form");
    let form = form.split("</form>").next().expect("an end");
    let lists = form.split("<select").skip(1).filter_map(|list| {
        let chosen =
            list.split("</select>").next()?.split("<option").find(|option| option.contains(" selected"))?;
        Some((within(list, "name")?, within(chosen, "value")?))
    });
    let typed = form.split("<input").skip(1).filter_map(|input| {
        let tag = input.split('>').next()?;
        Some((within(tag, "name")?, within(tag, "value")?)).filter(|_| !tag.contains("radio"))
    });
    lists.chain(typed).collect()
}

#[test]
fn answers_in_the_form_and_the_text_are_the_same_mapping() {
    let program = Program::new();
    let server = Server::start(&program);
    let deals = "Deal Ref,Rep,Customer,Status,Closed,Revenue,Note\nD-1,Anna,Acme,Won,03/04/2024,100,fine\nD-2,Anna,Acme,Lost,05/04/2024,50,hm\n";
    let sent = server.send_files("/data/uploads", &[], &[("export.csv", deals.as_bytes())]);
    let upload = leads_to(&sent);
    let page = server.text(&upload);
    let shown = html::text(&page);
    assert!(shown.contains("can be read in two ways"), "dates are asked about: {shown}");
    let submit = |more: &[(&str, &str)]| submit_form(&server, &upload, more);
    let nobody = submit(&[("act", "look")]);
    assert_eq!(nobody.status, 422);
    assert!(html::text(&nobody.text()).contains("needs a name"), "{}", nobody.text());

    let head = [("company", "Small company"), ("currency", "eur"), ("time_zone", "Europe/Berlin")];
    let format = r#"{"answer":{"about":"format","file":"export.csv","column":"Closed"}}"#;
    let note = r#"{"target":["export.csv","Note"]}"#;
    assert!(page.contains(&format.replace('"', "&quot;")), "{page}");
    let answers = [(format, "%d/%m/%Y"), (note, "none"), ("act", "look")];
    let (preview, run) = ended(&server, &leads_to(&submit(&[&head[..], &answers].concat())));
    let shown = html::text(&preview);
    assert!(shown.contains("3 Apr 2024") && !shown.contains("fine"), "{shown}");
    assert!(shown.contains("opportunity.amount EUR 0 150 150"), "{shown}");

    submit(&[("act", "text")]);
    let text = html::text(&server.text(&upload));
    assert!(text.contains("%d/%m/%Y") && text.contains("Europe/Berlin"), "{text}");
    assert_eq!(server.get(&run).status, 200, "it is the mapping that was looked at");
}

/// A page of an upload whose form is filled in as it stands, with some fields otherwise.
fn submit_form(server: &Server, upload: &str, changed: &[(&str, &str)]) -> Reply {
    let mut sent = fields(&server.text(upload));
    for (name, value) in changed {
        sent.retain(|(known, _)| known != name);
        sent.push(((*name).to_owned(), (*value).to_owned()));
    }
    let sent: Vec<(&str, &str)> = sent.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    server.submit(upload, &sent)
}

/// Orders, their lines and what they name, as tables of a database.
const ORDERS: [(&str, &str); 5] = [
    ("customers.csv", "customerID,companyName\nALFKI,Alfreds Futterkiste\nVINET,Vins et alcools\n"),
    (
        "employees.csv",
        "employeeID,lastName,firstName,title\n1,Davolio,Nancy,Seller\n2,Fuller,Andrew,Seller\n",
    ),
    ("products.csv", "productID,productName,unitPrice\n11,Queso Cabrales,21\n42,Hokkien Fried Mee,14\n"),
    (
        "orders.csv",
        "orderID,customerID,employeeID,orderDate\n10248,VINET,1,1996-07-04\n10249,ALFKI,2,1996-07-05\n10250,VINET,2,1996-07-08\n",
    ),
    (
        "order_details.csv",
        "orderID,productID,unitPrice,quantity,discount\n10248,11,14,12,0\n10248,42,9.8,10,0\n10249,11,18.6,9,0.15\n10250,11,7.7,10,0.05\n10250,42,42.4,35,0.15\n",
    ),
];

/// The words of a page, without the spaces that stand before marks where a name is set apart.
fn sentences(server: &Server, path: &str) -> String {
    let spaced = words(server, path);
    [(" ,", ","), (" .", "."), ("( ", "("), (" )", ")")]
        .iter()
        .fold(spaced, |text, (from, to)| text.replace(from, to))
}

#[test]
fn what_is_computed_and_looked_up_is_shown_in_words_in_the_form_and_of_the_text() {
    let program = Program::new();
    let server = Server::start(&program);
    let files = ORDERS.map(|(name, content)| (name, content.as_bytes()));
    let upload = leads_to(&server.send_files("/data/uploads", &[], &files));
    let said = [
        ("key (identifies the row) orderID with productID", "only together do they tell rows apart"),
        ("invoice_date orderDate of orders.csv, found by orderID", "by orderID, it stands in orders.csv"),
        (
            "net_amount unitPrice × quantity × (1 − (discount, or 0 where that is blank)), rounded to 6 places",
            "price times quantity, less the share discount",
        ),
        ("order_details.csv finds customerID, employeeID and orderDate here, by orderID.", ""),
        ("display_name firstName & lastName", "first and last name"),
    ];
    let form = sentences(&server, &upload);
    for (said, why) in said {
        assert!(form.contains(format!("{said} {why}").trim()), "{said} {why}: {form}");
    }
    assert!(form.contains("Used to look things up."), "{form}");

    let nobody = submit_form(&server, &upload, &[("act", "text")]);
    assert_eq!(nobody.status, 422, "there is no text before there is a company: {}", nobody.text());
    let company = [("company", "Small company"), ("currency", "EUR"), ("act", "text")];
    leads_to(&submit_form(&server, &upload, &company));
    let text = sentences(&server, &upload);
    assert!(text.contains("file: order_details.csv"), "{text}");
    for (said, _) in said {
        assert!(text.contains(said), "{said}: {text}");
    }
}

#[test]
fn constants_formats_and_meanings_are_said_in_the_form_and_stand_in_the_mapping() {
    let program = Program::new();
    let server = Server::start(&program);
    let deals = "Deal Ref,Rep,Customer,Status,Closed,Revenue,Size,Origin\nD-1,Anna,Acme,Won,13/04/2024,100,1.500,Web\nD-2,Anna,Acme,Parked,15/04/2024,50,2.250,Fair\nD-3,Anna,Acme,Won,16/04/2024,25,1.000,Web\n";
    let upload = leads_to(&server.send_files("/data/uploads", &[], &[("export.csv", deals.as_bytes())]));
    let meaning = r#"{"meaning":["export.csv","Status","Parked"]}"#;
    let currency = r#"{"constant":["export.csv","amount_ccy"]}"#;
    let (target, text) = (r#"{"new_constant":"export.csv"}"#, r#"{"new_constant_text":"export.csv"}"#);
    let size = r#"{"answer":{"about":"format","file":"export.csv","column":"Size"}}"#;
    let closed = r#"{"format":["export.csv","Closed"]}"#;
    let kind = r#"{"kind":["export.csv","Size"]}"#;
    let (web, fair) =
        (r#"{"meaning":["export.csv","Origin","Web"]}"#, r#"{"meaning":["export.csv","Origin","Fair"]}"#);
    let page = server.text(&upload);
    for field in [meaning, currency, target, text, closed, kind, web, fair] {
        assert!(page.contains(&field.replace('"', "&quot;")), "{field}: {page}");
    }
    let head = [("company", "Small company"), ("currency", "EUR"), (kind, "number"), ("act", "apply")];
    leads_to(&submit_form(&server, &upload, &head));
    let shown = words(&server, &upload);
    assert!(shown.contains("it is not read as numbers until you say"), "nothing is guessed: {shown}");

    for (fields, problem) in [
        (
            [(target, "type"), (text, "special")],
            "special cannot be type in every row of export.csv: it is not known",
        ),
        ([(target, ""), (text, "USD")], "Say which field is USD in every row of export.csv"),
        ([(target, "type"), (text, " ")], "Say what type is in every row of export.csv"),
        (
            [(currency, "dollars"), (text, "")],
            "DOLLARS cannot be amount_ccy in every row of export.csv: it is not",
        ),
    ] {
        let refused = submit_form(&server, &upload, &[&fields[..], &[("act", "look")]].concat());
        let shown = html::text(&refused.text());
        assert!(refused.status == 422 && shown.contains(problem), "{problem}: {shown}");
    }

    let said = [
        (meaning, "open"),
        (currency, "usd"),
        (target, "type"),
        (text, "renewal"),
        (size, "1.234,56"),
        (closed, "%m/%d/%Y"),
        (web, "Internet"),
        (fair, "Trade fair"),
        ("act", "look"),
    ];
    let looked = submit_form(&server, &upload, &said);
    let (preview, _) = ended(&server, &leads_to(&looked));
    assert!(html::text(&preview).contains("This would not be imported"), "no month is the 13th: {preview}");
    let right = submit_form(&server, &upload, &[(closed, "%d/%m/%Y"), (fair, "Fair"), ("act", "look")]);
    let shown = html::text(&ended(&server, &leads_to(&right)).0);
    assert!(shown.contains("opportunity.amount USD 0 175 175"), "{shown}");
    leads_to(&submit_form(&server, &upload, &[("act", "text")]));
    let written = server.text(&upload).replace("&quot;", "\"");
    for line in [
        r#"type: { constant: "renewal" }"#,
        r#"amount_ccy: { constant: "USD" }"#,
        r#"outcome: { column: "Status", values: { "Parked": "open", "Won": "won" } }"#,
        r#"size: { column: "Size", format: "1.234,56", type: number }"#,
        r#"close_date: { column: "Closed", format: "%d/%m/%Y" }"#,
        r#"origin: { column: "Origin", values: { "Web": "Internet" } }"#,
    ] {
        assert!(written.contains(line), "{line}: {written}");
    }
}

#[test]
fn what_was_not_looked_at_is_not_imported() {
    let (program, files) = (Program::new(), Files::new());
    let server = Server::start(&program);
    let upload = server.upload(&files.input());
    let (page, run) = look(&server, &upload, MAPPING);
    let other = MAPPING.replace("EUR", "USD");
    server.submit(&upload, &[("written_as", "text"), ("text", &other), ("act", "apply")]);
    let seen = page.split("name=\"seen\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let reply = server.submit(&run, &[("seen", seen.expect("what was seen"))]);
    assert_eq!(reply.status, 409);
    assert!(html::text(&reply.text()).contains("another one than you looked at"), "{}", reply.text());
    assert_eq!(leads_to(&server.get(&run)), upload, "the preview of the other text is gone");
    assert_eq!(imports(&server), 0);
}

#[test]
fn rejected_rows_are_corrected_and_imported_by_the_same_mapping() {
    let (program, files) = (Program::new(), Files::new());
    files.deals(&[
        "D-1,First,Acme,anna,2024-01-10,2024-02-01,Won,100",
        "D-2,Second,Bolt,anna,2024-01-20,2024-02-15,Won,twelve",
    ]);
    let server = Server::start(&program);
    let preview = look(&server, &server.upload(&files.input()), MAPPING);
    assert!(html::text(&preview.0).contains("twelve"), "the reason is shown before: {}", preview.0);
    let (report, _) = import(&server, &preview);
    assert!(report.contains("/data/imports/new?mapping_of=1"), "{report}");
    let rejected = server.text("/data/imports/1/rejects/deals.csv").replace("twelve", "12");
    let sent =
        server.send_files("/data/uploads", &[("mapping_of", "1")], &[("deals.csv", rejected.as_bytes())]);
    let upload = leads_to(&sent);
    assert!(words(&server, &upload).contains("Read by the mapping of import 1"));
    let (report, _) = import(&server, &look(&server, &upload, MAPPING));
    assert!(html::text(&report).contains("1 read = 1 accepted"), "{report}");
    let won = program.ask(&["bookings"], "", "2024");
    assert_eq!(won.get("", "2024", "bookings").value, Some(112.into()));
}

/// Files that are sent: names with what they hold.
type Sent<'a> = &'a [(&'a str, &'a [u8])];

#[test]
fn what_cannot_be_received_is_refused_and_leaves_nothing() {
    let program = Program::new();
    let server = Server::start_with(&program, &["--upload-limit", "1"]);
    let send = |files: &[(&str, &[u8])]| server.send_files("/data/uploads", &[], files);
    let large = vec![b'x'; 3 << 20];
    let refusals: [(Sent, u16, &str); 7] = [
        (&[], 422, "No file was sent"),
        (&[("", b"")], 422, "No file was sent"),
        (&[("deals.csv", b"a\n1\n"), ("deals.csv", b"a\n1\n")], 422, "sent twice"),
        (&[("..", b"a\n1\n")], 422, "cannot be the name of a file"),
        (&[("broken.zip", b"PK\x03\x04 and nothing else")], 422, "broken.zip"),
        (&[("large.csv", &large)], 413, "more than the 1 MiB"),
        (
            &[("half.csv", &large[..1 << 19]), ("other.csv", &large[..(1 << 19) + 1])],
            413,
            "more than the 1 MiB",
        ),
    ];
    for (files, status, said) in refusals {
        let reply = send(files);
        let page = html::text(&reply.text());
        assert!(reply.status == status && page.contains(said), "{said}: {} {page}", reply.status);
    }
    let reply = server.submit("/data/uploads", &[("files", "deals.csv")]);
    assert_eq!(reply.status, 422, "a form without files: {}", reply.text());
    let body = multipart(&[], &[("deals.csv", b"a\n1\n")]);
    let cut = server.send_body(
        "POST",
        "/data/uploads",
        &[("Content-Type", "multipart/form-data; boundary=between")],
        &body[..body.len() - 20],
    );
    assert_eq!(cut.status, 422, "{}", cut.text());
    cut_off(&server, &body);
    let start = Instant::now();
    while uploads(&program) > 0 && start.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(uploads(&program), 0);
    let foreign = server.send("POST", "/data/uploads", &[("Sec-Fetch-Site", "cross-site")]);
    assert_eq!(foreign.status, 403);
}

/// Sends half of a body and hangs up.
fn cut_off(server: &Server, body: &[u8]) {
    let mut stream = TcpStream::connect(server.address()).expect("the server listens");
    let head = format!(
        "POST /data/uploads HTTP/1.1\r\nHost: {}\r\nContent-Type: multipart/form-data; boundary=between\r\nContent-Length: {}\r\n\r\n",
        server.address(),
        body.len()
    );
    stream.write_all(head.as_bytes()).expect("the server reads");
    stream.write_all(&body[..body.len() / 2]).expect("the server reads");
}

#[test]
fn files_that_hold_nothing_readable_are_named_and_keep_the_rest_from_nothing() {
    let (program, files) = (Program::new(), Files::new());
    let server = Server::start(&program);
    std::fs::write(files.input().join("empty.csv"), "").expect("a file");
    std::fs::write(files.input().join("picture.csv"), [0x89, b'P', b'N', b'G', 0, 1, 2, 0xff])
        .expect("a file");
    let upload = server.upload(&files.input());
    let shown = words(&server, &upload);
    assert!(
        shown.contains("empty.csv") && shown.contains("picture.csv") && shown.contains("Not read"),
        "{shown}"
    );
    let (preview, _) = look(&server, &upload, MAPPING);
    let shown = html::text(&preview);
    assert!(shown.contains("Not in the mapping, not read: empty.csv, picture.csv"), "{shown}");
}

#[test]
fn an_archive_is_the_folder_that_it_holds() {
    let (program, files) = (Program::new(), Files::new());
    let server = Server::start(&program);
    let archive = zipped(
        &["people.csv", "deals.csv"]
            .map(|name| (name, std::fs::read(files.input().join(name)).expect("a file"))),
    );
    let reply = server.send_files("/data/uploads", &[], &[("export.zip", &archive)]);
    let preview = look(&server, &leads_to(&reply), MAPPING);
    assert!(html::text(&preview.0).contains("Of 6 rows 6 would be taken"), "{}", preview.0);
}

/// A zip archive that stores its files as they are.
fn zipped(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let mut checked = flate2::Crc::new();
        checked.update(content);
        let size = (content.len() as u32).to_le_bytes();
        let mut about = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        about.extend(checked.sum().to_le_bytes());
        about.extend(size);
        about.extend(size);
        about.extend((name.len() as u16).to_le_bytes());
        about.extend([0, 0]);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&about);
        directory.extend([0; 10]);
        directory.extend((archive.len() as u32).to_le_bytes());
        directory.extend(name.as_bytes());
        archive.extend(b"PK\x03\x04");
        archive.extend(&about);
        archive.extend(name.as_bytes());
        archive.extend(content);
    }
    let (count, start) = ((files.len() as u16).to_le_bytes(), (archive.len() as u32).to_le_bytes());
    let size = (directory.len() as u32).to_le_bytes();
    archive.extend(&directory);
    archive.extend(b"PK\x05\x06\0\0\0\0");
    archive.extend([count, count].concat());
    archive.extend([size, start].concat());
    archive.extend([0, 0]);
    archive
}

/// Pushes the small company's files to the API.
fn push(server: &Server, query: &str, mapping: &str, files: &Files) -> Reply {
    let [people, deals] = ["people.csv", "deals.csv"]
        .map(|name| (name, std::fs::read(files.input().join(name)).expect("a file")));
    let sent = [(people.0, people.1.as_slice()), (deals.0, deals.1.as_slice())];
    server.send_files(&format!("/api/v1/imports{query}"), &[("mapping", mapping)], &sent)
}

/// The state of what was pushed, once it is one of these.
fn state(server: &Server, place: &str, wanted: &[&str]) -> Value {
    let start = Instant::now();
    loop {
        let state = server.get(place).json();
        if wanted.iter().any(|wanted| state["state"] == *wanted) {
            return state;
        }
        assert!(start.elapsed() < Duration::from_secs(180), "{state}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn programs_push_files_after_looking_at_what_would_happen() {
    on_both(|program| {
        let (files, server) = (Files::new(), Server::start(program));
        let looked = push(&server, "?preview=true", MAPPING, &files);
        assert_eq!(looked.status, 200, "{}", looked.text());
        let looked = looked.json();
        assert_eq!(looked["report"]["files"][0]["rows"]["accepted"], 4);
        let deals = looked["samples"].as_array().expect("samples").last().expect("deals");
        assert_eq!((&deals["table"], &deals["rows"][0]["fate"]), (&"opportunity".into(), &"new".into()));
        assert_eq!(deals["rows"][0]["cells"][2], "Anna");
        assert_eq!((imports(&server), uploads(program)), (0, 0), "looking keeps nothing");

        let begun = push(&server, "", MAPPING, &files);
        assert_eq!(begun.status, 202, "{}", begun.text());
        let place = begun.header("location").expect("where its state is").to_owned();
        let done = state(&server, &place, &["imported", "failed"]);
        assert_eq!(done["import"], 1, "{done}");
        let report = server.get("/api/v1/imports/1").json();
        let totals = &report["report"]["tables"].as_array().expect("tables").last().expect("deals")["totals"];
        assert_eq!(
            totals,
            &serde_json::json!([{ "column": "amount", "currency": "EUR", "before": "0", "after": "750" }])
        );

        files.deals(&["D-1,First,Acme,anna,2024-01-10,2024-02-01,Won,150"]);
        let place =
            push(&server, "", "crm", &files).header("location").expect("by the saved mapping").to_owned();
        assert_eq!(state(&server, &place, &["imported", "failed"])["import"], 2);
        let report = server.get("/api/v1/imports/2").json();
        let deals = report["report"]["tables"].as_array().expect("tables").last().expect("deals");
        assert_eq!((&deals["changed"], &deals["deleted"]), (&1.into(), &3.into()));
        assert_eq!(
            (&deals["totals"][0]["before"], &deals["totals"][0]["after"]),
            (&"750".into(), &"150".into())
        );
    });
}

#[test]
fn what_a_program_pushes_wrongly_is_a_problem_with_its_field_and_leaves_nothing() {
    let (program, files) = (Program::new(), Files::new());
    let server = Server::start_with(&program, &["--upload-limit", "1"]);
    let problem = |reply: Reply| {
        assert_eq!(reply.header("content-type"), Some("application/problem+json"), "{}", reply.text());
        let said = reply.json();
        let detail = said["detail"].as_str().expect("a detail").to_owned();
        (reply.status, said["field"].as_str().unwrap_or_default().to_owned(), detail)
    };
    let (status, field, _) = problem(push(&server, "", "", &files));
    assert_eq!((status, field.as_str()), (422, "mapping"));
    let (status, field, detail) = problem(push(&server, "", "source: crm\nfiles: 3\n", &files));
    assert_eq!((status, field.as_str()), (422, "mapping"));
    assert!(detail.contains("line 2"), "{detail}");
    let (status, field, _) = problem(server.send_files("/api/v1/imports", &[("mapping", MAPPING)], &[]));
    assert_eq!((status, field.as_str()), (422, "files"));
    let other: &[(&str, &[u8])] = &[("other.csv", b"a\n1\n")];
    let (status, field, _) = problem(server.send_files("/api/v1/imports", &[("mapping", MAPPING)], other));
    assert_eq!((status, field.as_str()), (422, "files"));
    let large = vec![b'x'; 2 << 20];
    let large: &[(&str, &[u8])] = &[("deals.csv", &large)];
    assert_eq!(problem(server.send_files("/api/v1/imports", &[("mapping", MAPPING)], large)).0, 413);
    let text = server.send_body("POST", "/api/v1/imports", &[("Content-Type", "text/csv")], "a\n1\n");
    assert_eq!(problem(text).0, 422);
    for path in
        ["/api/v1/uploads/1", "/api/v1/uploads/..", "/api/v1/uploads/00000000000000000000000000000001"]
    {
        assert_eq!(problem(server.get(path)).0, 404, "{path}");
    }
    assert_eq!((imports(&server), uploads(&program)), (0, 0));
}

/// So many deals that an import of them takes a while.
fn many_deals(files: &Files) {
    let rows: Vec<String> =
        (0..60_000).map(|number| format!("D-{number},Deal,Acme,anna,2024-01-10,2024-02-01,Won,1")).collect();
    files.deals(&rows.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn one_import_runs_at_a_time_and_stopped_it_leaves_nothing() {
    let (program, files) = (Program::new(), Files::new());
    many_deals(&files);
    let server = Server::start(&program);
    let first = push(&server, "", MAPPING, &files).header("location").expect("a state").to_owned();
    let second = push(&server, "", MAPPING, &files);
    assert_eq!(second.status, 409, "{}", second.text());
    assert!(
        second.text().contains("another import is under way") || second.text().contains("Another import"),
        "{}",
        second.text()
    );
    assert_eq!(state(&server, &first, &["importing", "imported"])["state"], "importing");

    assert_eq!(server.send("DELETE", &first, &[]).status, 204);
    assert_eq!(server.get(&first).status, 404);
    assert_eq!((imports(&server), uploads(&program)), (0, 0));
    let facts = program.data().join("facts");
    assert!(!facts.join("staging").exists(), "nothing half done lies about");
    let written = std::fs::read_dir(facts.join("opportunity")).map_or(0, Iterator::count);
    assert_eq!(written, 0, "nothing was written");

    Files::new().deliver(&program);
    assert_eq!(imports(&server), 1, "the next import finds nothing in its way");
}

#[test]
fn a_server_that_is_killed_has_imported_nothing_and_still_has_the_upload() {
    let (program, files) = (Program::new(), Files::new());
    many_deals(&files);
    let server = Server::start(&program);
    let place = push(&server, "", MAPPING, &files).header("location").expect("a state").to_owned();
    assert_eq!(state(&server, &place, &["importing"])["state"], "importing");
    drop(server);
    let half = program.data().join("uploads/00000000000000000000000000000001");
    std::fs::create_dir_all(half.join("files")).expect("an upload that never arrived");
    let yesterday = SystemTime::now() - Duration::from_secs(3_600);
    std::fs::File::open(&half).expect("a folder").set_modified(yesterday).expect("set");

    let server = Server::start(&program);
    assert_eq!(imports(&server), 0);
    assert_eq!(server.get(&place).json()["state"], "waiting");
    let start = Instant::now();
    while half.exists() && start.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(!half.exists(), "what never arrived is removed");
    let upload = place.replace("/api/v1/", "/data/");
    let (report, _) = import(&server, &look(&server, &upload, MAPPING));
    assert!(html::text(&report).contains("60,002 accepted"), "{}", html::text(&report));
}
