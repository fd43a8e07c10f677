//! A cable to a database server that can be cut.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// Connections to it lead to the server while it is whole. It lasts as long as the test process.
pub(super) struct Cable {
    url: String,
    ends: Arc<Ends>,
}

#[derive(Default)]
struct Ends {
    open: Mutex<Vec<TcpStream>>,
    is_cut: AtomicBool,
    breaks_at_commit: AtomicBool,
}

impl Cable {
    /// A cable to the database at an address such as `postgres://user@127.0.0.1:5432/name`.
    pub(super) fn to(url: &str) -> Cable {
        let (before, rest) = url.split_once('@').expect("a user");
        let (server, database) = rest.split_once('/').expect("a database");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let own = listener.local_addr().expect("an address");
        let cable = Cable { url: format!("{before}@{own}/{database}"), ends: Arc::default() };
        let (ends, server) = (Arc::clone(&cable.ends), server.to_owned());
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if !ends.is_cut.load(Ordering::SeqCst) {
                    connect(client, TcpStream::connect(&server).expect("the server"), &ends);
                }
            }
        });
        cable
    }

    /// The address of the database at the end of the cable.
    pub(super) fn url(&self) -> String {
        self.url.clone()
    }

    pub(super) fn cut(&self) {
        self.ends.cut();
    }

    pub(super) fn mend(&self) {
        self.ends.is_cut.store(false, Ordering::SeqCst);
    }

    /// The next commit reaches the server, and the cable breaks before the answer comes back.
    pub(super) fn break_at_commit(&self) {
        self.ends.breaks_at_commit.store(true, Ordering::SeqCst);
    }
}

impl Ends {
    fn cut(&self) {
        self.is_cut.store(true, Ordering::SeqCst);
        for end in self.open.lock().expect("ends").drain(..) {
            // An end that its owner has closed already is cut as well.
            let _ = end.shutdown(Shutdown::Both);
        }
    }
}

fn connect(client: TcpStream, server: TcpStream, ends: &Arc<Ends>) {
    let twin = |end: &TcpStream| end.try_clone().expect("a stream");
    ends.open.lock().expect("ends").extend([twin(&client), twin(&server)]);
    let (mut answers, mut reader) = (twin(&server), twin(&client));
    let ends = Arc::clone(ends);
    std::thread::spawn(move || ask(client, server, &ends));
    std::thread::spawn(move || {
        // However it ends, the client sees the end.
        let _ = std::io::copy(&mut answers, &mut reader);
        let _ = reader.shutdown(Shutdown::Both);
    });
}

/// Carries what the client says until one side ends or the cable breaks.
fn ask(mut client: TcpStream, mut server: TcpStream, ends: &Ends) {
    let mut buffer = [0; 8_192];
    while let Ok(count @ 1..) = client.read(&mut buffer) {
        let said = &buffer[..count];
        let is_commit = said.windows(6).any(|word| word == b"COMMIT");
        let breaks = is_commit && ends.breaks_at_commit.swap(false, Ordering::SeqCst);
        if breaks {
            client.shutdown(Shutdown::Both).expect("an open end");
        }
        if server.write_all(said).is_err() || breaks {
            break;
        }
    }
    let _ = server.shutdown(Shutdown::Write);
}
