//! The program as a server, and the companies it serves.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use attain_testing::shared_data;

use crate::program::{self, MAVEN_FILES, Program, copy_files, maven_mapping};
use crate::small_company::Files;

/// A served company; serving ends when this is dropped.
pub(super) struct Server {
    served: program::Server,
    /// Pages of uploads that wait to be imported, and what they are.
    pub(super) uploads: Vec<(&'static str, String)>,
    /// Its folder must outlast the serving.
    program: Program,
}

impl Server {
    /// With closed deals handed over by a second delivery of the files, a definition changed and one
    /// number signed, so that there are pages of all of it.
    fn start(program: Program, files: &Path) -> Server {
        hand_over(&program, files);
        let file = program.folder.path().join("own.yaml");
        std::fs::write(&file, OWN).expect("a file");
        program.prints(&["metrics", "change", &file.to_string_lossy(), "--reason", "for the board"]);
        program.prints(&["sign", "--metric", "win_rate_count", "--period", "2017-Q3"]);
        let served = program::Server::start(&program);
        let uploads = uploads(&served);
        Server { served, uploads, program }
    }

    /// A company that has delivered nothing yet.
    pub(super) fn empty() -> Server {
        let program = Program::new();
        Server { served: program::Server::start(&program), uploads: Vec::new(), program }
    }

    /// The sample company; tests that run at the same time share it. None where its files are not
    /// beside the checkout.
    pub(super) fn with_maven() -> Option<Arc<Server>> {
        static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());
        let files = shared_data("maven_crm")?;
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = shared.upgrade() {
            return Some(server);
        }
        let server = Arc::new(Server::start(Program::with_maven(&files), &files));
        *shared = Arc::downgrade(&server);
        Some(server)
    }

    /// A company where everything is long: names of people, teams, products and customers, and
    /// amounts of many millions.
    pub(super) fn with_long_names() -> Server {
        let program = Program::new();
        let files = tempfile::tempdir().expect("temporary folder");
        write_long_names(files.path());
        program.import(files.path(), &maven_mapping());
        Server::start(program, files.path())
    }

    /// The path of the link by which the first account is made.
    pub(super) fn first_link(&self) -> String {
        self.served.first_link()
    }

    /// Imports a company's files while it is served.
    pub(super) fn deliver(&self, files: &Files) {
        files.deliver(&self.program);
    }

    /// What an address answers.
    pub(super) fn get(&self, path: &str) -> program::Reply {
        self.served.get(path)
    }

    /// The whole address of a path.
    pub(super) fn address(&self, path: &str) -> String {
        format!("http://{}{path}", self.served.address())
    }
}

/// Delivers the files again, the last deals that were won said to be somebody else's.
fn hand_over(program: &Program, files: &Path) {
    let folder = tempfile::tempdir().expect("temporary folder");
    copy_files(files, &MAVEN_FILES, folder.path());
    let path = folder.path().join("sales_pipeline.csv");
    let text = std::fs::read_to_string(&path).expect("deals");
    let mut lines: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
    let is_won = |line: &Vec<&str>| line.get(4) == Some(&"Won");
    let won: Vec<usize> = (0..lines.len()).rev().filter(|at| is_won(&lines[*at])).take(30).collect();
    let owner = lines[won[0]][1];
    for at in won {
        lines[at][1] = owner;
    }
    let lines: Vec<String> = lines.into_iter().map(|line| line.join(",") + "\n").collect();
    std::fs::write(&path, lines.concat()).expect("deals");
    program.import(folder.path(), &maven_mapping());
}

/// Uploads as they are on their way: proposed columns with a question, a saved mapping that fits, and
/// what would happen.
fn uploads(served: &program::Server) -> Vec<(&'static str, String)> {
    let send = |name: &str, text: &str| {
        let reply = served.send_files("/data/uploads", &[], &[(name, text.as_bytes())]);
        reply.header("location").expect("a next page").to_owned()
    };
    let deals = "Deal Ref,Rep,Customer,Status,Started,Closed,Revenue,Strange Sign
        D-1,Anna Snelling,Hottechi,Won,03/04/2017,05/04/2017,1054,x
        D-2,Anna Snelling,Hottechi,Lost,02/04/2017,06/07/2017,0,y
";
    let products = "product,series,sales_price
A product nobody has sold,GTX,1100
";
    let columns = send("export.csv", &deals.replace("        ", ""));
    let known = send("products.csv", products);
    let mapping = served.text("/data/mappings/maven_crm/1/mapping.yaml");
    let fields = [("written_as", "text"), ("text", mapping.as_str()), ("act", "look")];
    let run = served.submit(&known, &fields).header("location").expect("a preview").to_owned();
    let run = run.trim_end_matches("#problem").to_owned();
    while served.get(&run).header("refresh").is_some() {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    vec![("columns of an upload", columns), ("upload read by a saved mapping", known), ("preview", run)]
}

/// A metric that the catalogue does not have, and one that it has in other words.
const OWN: &str = "\
metrics:
  - name: large_deals
    label: Large deals
    description: Deals of 1,000 and more that were won, by close date.
    type: simple
    type_params: { measure: closed }
    filter: outcome = 'won' and value >= 1000
    meta: { unit: count, direction: up, undefined: never, counter_metric: win_rate_count }
";

const LONG_REGION: &str = "Mittel-, Ost- und Südosteuropa einschließlich der Schwarzmeeranrainerstaaten";
const LONG_MANAGER: &str = "Wilhelmine-Friederike Konstantinopolitanowitsch von Hohenstein-Schwarzenberg";
const LONG_PEOPLE: [&str; 2] = [
    "Maximiliane Wolfeschlegelsteinhausenbergerdorffsdottir-Featherstonehaugh de la Vega y Fernández",
    "Bartholomew-Christopher Llanfairpwllgwyngyllgogerychwyrndrobwll",
];
const LONG_PRODUCT: &str = "Hochdruckflüssigkeitschromatographieanlage mit Autosampler (Sonderausführung)";
const LONG_CUSTOMER: &str =
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft";

/// A delivery in the form of the sample company's files.
fn write_long_names(folder: &Path) {
    let write = |name: &str, text: String| std::fs::write(folder.join(name), text).expect("write");
    let [first, second] = LONG_PEOPLE;
    write(
        "sales_teams.csv",
        format!(
            "sales_agent,manager,regional_office\n\
             {first},{LONG_MANAGER},\"{LONG_REGION}\"\n\
             {second},{LONG_MANAGER},\"{LONG_REGION}\"\n"
        ),
    );
    write(
        "products.csv",
        format!("product,series,sales_price\n{LONG_PRODUCT},Sonderausführungen,98765432\n"),
    );
    let mut accounts =
        String::from("account,sector,year_established,revenue,employees,office_location,subsidiary_of\n");
    for number in 1..=9 {
        accounts.push_str(&format!("{LONG_CUSTOMER} {number},marine,1829,1100.04,2822,Austria,\n"));
    }
    write("accounts.csv", accounts);
    write("sales_pipeline.csv", long_pipeline());
}

/// Enough deals of either person in every quarter for every metric to have a value.
fn long_pipeline() -> String {
    let mut deals = String::from(
        "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n",
    );
    for quarter in 1..=4 {
        for number in 1..=36 {
            let person = LONG_PEOPLE[number % 2];
            let customer = number % 9 + 1;
            let month = quarter * 3 - number % 3;
            let day = number % 27 + 1;
            let outcome = match number % 9 {
                0..=4 => format!(
                    "Won,2017-{month:02}-01,2017-{month:02}-{day:02},{}",
                    45_678_900 + number * 1_234_567
                ),
                5..=7 => format!("Lost,2017-{month:02}-01,2017-{month:02}-{day:02},0"),
                _ => format!("Engaging,2017-{month:02}-01,,"),
            };
            deals.push_str(&format!(
                "OPPORTUNITY-{quarter}-{number:06},{person},{LONG_PRODUCT},{LONG_CUSTOMER} {customer},{outcome}\n"
            ));
        }
    }
    deals
}
