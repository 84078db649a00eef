//! A server of results that does what a test wants: it keeps what it is sent, and answers as it is told.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};

/// What was asked.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    /// With small letters.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Request {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn is(&self, method: &str, folder: &str) -> bool {
        self.method == method && self.path.starts_with(folder)
    }
}

/// How it is answered.
#[derive(Debug, Clone)]
pub(super) enum Reply {
    /// As a server does that keeps what it is sent.
    Kept,
    Status(u16),
    To(String),
    Body(Vec<u8>),
    /// Without a length, in pieces.
    Chunks(Vec<Vec<u8>>),
    /// Of a body of this length only this.
    Part(usize, Vec<u8>),
    /// The same, and then nothing more while the test lasts.
    Stuck(usize, Vec<u8>),
}

type Kept = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;
type Answer = Arc<dyn Fn(&Request) -> Reply + Send + Sync>;

struct Shared {
    kept: Kept,
    requests: Mutex<Vec<Request>>,
    heard: Condvar,
    answer: Answer,
    is_over: AtomicBool,
    /// Connections on which something is held back.
    stuck: Mutex<Vec<TcpStream>>,
}

/// It ends with the test.
pub(super) struct Server {
    port: u16,
    shared: Arc<Shared>,
}

impl Server {
    pub(super) fn keeping() -> Self {
        Self::new(|_| Reply::Kept)
    }

    pub(super) fn new(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::start(Kept::default(), Arc::new(answer))
    }

    /// One with the same content that answers otherwise.
    pub(super) fn instead(&self, answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let kept = self.shared.kept.lock().unwrap().clone();
        Self::start(Arc::new(Mutex::new(kept)), Arc::new(answer))
    }

    fn start(kept: Kept, answer: Answer) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            kept,
            requests: Mutex::default(),
            heard: Condvar::new(),
            answer,
            is_over: AtomicBool::new(false),
            stuck: Mutex::default(),
        });
        let own = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if own.is_over.load(Ordering::SeqCst) {
                    return;
                }
                let own = Arc::clone(&own);
                std::thread::spawn(move || own.serve(&stream.unwrap()));
            }
        });
        Self { port, shared }
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/team", self.port)
    }

    /// Method and path of all that it was asked.
    pub(super) fn requests(&self) -> Vec<String> {
        let requests = self.shared.requests.lock().unwrap();
        requests.iter().map(|request| format!("{} {}", request.method, request.path)).collect()
    }

    pub(super) fn all(&self) -> Vec<Request> {
        self.shared.requests.lock().unwrap().clone()
    }

    /// Waits until it was asked so.
    pub(super) fn await_request(&self, method: &str, folder: &str) {
        let requests = self.shared.requests.lock().unwrap();
        let is_late = |requests: &mut Vec<Request>| !requests.iter().any(|request| request.is(method, folder));
        let patience = std::time::Duration::from_mins(1);
        let (requests, waited) = self.shared.heard.wait_timeout_while(requests, patience, is_late).unwrap();
        assert!(!waited.timed_out(), "it was never asked to {method} {folder}: {requests:?}");
    }

    /// The names of what it keeps in a folder.
    pub(super) fn names(&self, folder: &str) -> Vec<String> {
        let kept = self.shared.kept.lock().unwrap();
        kept.keys().filter(|name| name.starts_with(&format!("/team{folder}"))).cloned().collect()
    }

    pub(super) fn get(&self, name: &str) -> Vec<u8> {
        self.shared.kept.lock().unwrap()[name].clone()
    }

    /// Changes what it keeps under a name.
    pub(super) fn change(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
        change(self.shared.kept.lock().unwrap().get_mut(name).unwrap());
    }

    pub(super) fn forget(&self, name: &str) {
        self.shared.kept.lock().unwrap().remove(name).unwrap();
    }

    /// The name of what has this content.
    pub(super) fn name_of(&self, content: &[u8]) -> String {
        let kept = self.shared.kept.lock().unwrap();
        let found = kept.iter().find(|(name, own)| name.starts_with("/team/cas/") && *own == content);
        found.expect("it is there").0.clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        self.shared.stuck.lock().unwrap().clear();
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

impl Shared {
    /// One connection, to its end.
    fn serve(&self, stream: &TcpStream) {
        let mut reader = BufReader::new(stream);
        while let Some(request) = read(&mut reader) {
            self.requests.lock().unwrap().push(request.clone());
            let reply = (self.answer)(&request);
            let goes_on = self.write(stream, &request, reply);
            self.heard.notify_all();
            if !goes_on {
                return;
            }
        }
    }

    /// Whether the connection can be used again.
    fn write(&self, mut stream: &TcpStream, request: &Request, reply: Reply) -> bool {
        let mut whole = |status: u16, more: &str, body: &[u8]| {
            let head = format!("HTTP/1.1 {status} Said\r\nContent-Length: {}\r\n{more}\r\n", body.len());
            let body = if request.method == "HEAD" { &[][..] } else { body };
            stream.write_all(&[head.as_bytes(), body].concat()).is_ok()
        };
        match reply {
            Reply::Kept if request.method == "PUT" => {
                self.kept.lock().unwrap().insert(request.path.clone(), request.body.clone());
                whole(201, "", b"")
            }
            Reply::Kept => {
                let found = self.kept.lock().unwrap().get(&request.path).cloned();
                match found {
                    Some(body) => whole(200, "", &body),
                    None => whole(404, "", b"there is nothing\n"),
                }
            }
            Reply::Status(status) => whole(status, "", b"no\n"),
            Reply::To(place) => whole(307, &format!("Location: {place}\r\n"), b"elsewhere\n"),
            Reply::Body(body) => whole(200, "", &body),
            Reply::Chunks(pieces) => {
                let mut text = b"HTTP/1.1 200 Said\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
                for piece in pieces {
                    text.extend(format!("{:x}\r\n", piece.len()).as_bytes());
                    text.extend(piece);
                    text.extend(b"\r\n");
                }
                text.extend(b"0\r\n\r\n");
                stream.write_all(&text).is_ok()
            }
            Reply::Part(length, part) => {
                let head = format!("HTTP/1.1 200 Said\r\nContent-Length: {length}\r\n\r\n");
                let _ = stream.write_all(&[head.as_bytes(), &part].concat());
                false
            }
            Reply::Stuck(length, part) => {
                let head = format!("HTTP/1.1 200 Said\r\nContent-Length: {length}\r\n\r\n");
                let _ = stream.write_all(&[head.as_bytes(), &part].concat());
                self.stuck.lock().unwrap().push(stream.try_clone().unwrap());
                false
            }
        }
    }
}

fn read(reader: &mut BufReader<&TcpStream>) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|count| *count > 0)?;
    let mut words = line.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((name.to_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some(Request { method, path, headers, body })
}
