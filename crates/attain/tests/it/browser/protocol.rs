//! A conversation with a browser in the Chrome DevTools Protocol: commands with their answers, and
//! what its pages report meanwhile.
//!
//! It is written here because a library for it cost four minutes of building, and changed the
//! features of tokio, serde and hyper, so that demo and tests could not share built dependencies.

use std::collections::HashMap;
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tungstenite::protocol::Role;
use tungstenite::{Message, WebSocket};

/// How long anything may take on a busy machine before it counts as failed.
pub(super) const DEADLINE: Duration = Duration::from_secs(90);

/// One socket to the browser, shared by all tests: each waits on its own thread for its answers.
pub(super) struct Connection {
    /// Only writes. A thread of its own reads from the same stream, so nobody who sends waits for
    /// what comes in.
    sender: Mutex<WebSocket<TcpStream>>,
    /// The number of the latest command; its answer bears the same.
    latest: AtomicU64,
    inbox: Arc<Inbox>,
}

/// What has come in.
#[derive(Default)]
struct Inbox {
    /// Who waits for which answer.
    waiting: Mutex<HashMap<u64, Sender<Value>>>,
    /// By session, in the order in which they came.
    events: Mutex<HashMap<String, Vec<Value>>>,
}

impl Connection {
    /// Connects to the debugging address of a browser.
    pub(super) fn open(address: &str) -> Connection {
        let host = address.split('/').nth(2).expect("a host in the address");
        let stream = TcpStream::connect(host).expect("Chromium listens");
        stream.set_nodelay(true).expect("a stream without delay");
        let writing = stream.try_clone().expect("a second handle of the stream");
        let (socket, _) = tungstenite::client(address, stream).expect("Chromium answers");
        let inbox = Arc::new(Inbox::default());
        let receiver = Arc::clone(&inbox);
        std::thread::spawn(move || receiver.receive(socket));
        let sender = Mutex::new(WebSocket::from_raw_socket(writing, Role::Client, None));
        Connection { sender, latest: AtomicU64::new(0), inbox }
    }

    /// Sends a command to the browser and waits for its answer.
    pub(super) fn tell(&self, method: &str, params: Value) -> Result<Value, String> {
        self.command(json!({ "method": method, "params": params }))
    }

    /// Sends a command to the page of a session and waits for its answer.
    pub(super) fn tell_page(&self, session: &str, method: &str, params: Value) -> Result<Value, String> {
        self.command(json!({ "sessionId": session, "method": method, "params": params }))
    }

    fn command(&self, mut command: Value) -> Result<Value, String> {
        let id = self.latest.fetch_add(1, Ordering::Relaxed) + 1;
        command["id"] = json!(id);
        let (answered, answer) = mpsc::channel();
        locked(&self.inbox.waiting).insert(id, answered);
        let sent = locked(&self.sender).send(Message::text(command.to_string()));
        sent.map_err(|error| error.to_string())?;
        let mut answer = answer.recv_timeout(DEADLINE).map_err(|error| format!("no answer: {error}"))?;
        match answer.get("error") {
            Some(error) => Err(error.to_string()),
            None => Ok(answer["result"].take()),
        }
    }

    /// What a session has reported since the last call.
    pub(super) fn events(&self, session: &str) -> Vec<Value> {
        locked(&self.inbox.events).remove(session).unwrap_or_default()
    }
}

impl Inbox {
    /// Reads until the browser is gone. Whoever waits then waits no longer, and nobody can send.
    fn receive(&self, mut socket: WebSocket<TcpStream>) {
        let end = loop {
            match socket.read() {
                Ok(Message::Text(text)) => {
                    self.sort(serde_json::from_str(&text).expect("JSON from the browser"));
                }
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        eprintln!("the browser is gone: {end}");
        // It fails where the stream is closed already.
        let _ = socket.get_ref().shutdown(Shutdown::Both);
        locked(&self.waiting).clear();
    }

    /// Hands an answer to who waits for it, and keeps what a page reports.
    fn sort(&self, message: Value) {
        if let Some(id) = message["id"].as_u64() {
            let waits = locked(&self.waiting).remove(&id);
            // Who waited until the deadline has left.
            let _ = waits.map(|waits| waits.send(message));
        } else if let Some(session) = message["sessionId"].as_str() {
            locked(&self.events).entry(session.to_owned()).or_default().push(message);
        }
    }
}

/// A test that failed while it held the lock changes nothing for the others.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
