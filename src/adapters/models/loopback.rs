//! A web server of a few answers on 127.0.0.1, for the tests.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread::{self, JoinHandle};

/// What the server sends for one request, whatever is asked; then it closes the connection.
pub struct Answer(Vec<u8>);

impl Answer {
    /// A header and a body that may be shorter than the header promises.
    pub fn new(status: &str, headers: &str, promised: usize, body: &[u8]) -> Self {
        let head =
            format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {promised}\r\n{headers}\r\n");
        Self([head.as_bytes(), body].concat())
    }

    pub fn whole(body: &[u8]) -> Self {
        Self::new("200 OK", "", body.len(), body)
    }

    /// The bytes of `file` from `start` on, of which only `sent` leave the server.
    pub fn part(file: &[u8], start: usize, sent: usize) -> Self {
        let range = format!("content-range: bytes {start}-{}/{}\r\n", file.len() - 1, file.len());
        let body = &file[start..start + sent];
        Self::new("206 Partial Content", &range, file.len() - start, body)
    }

    /// The same bytes without a length: the end of the connection is the end of the body.
    pub fn without_length(body: &[u8]) -> Self {
        Self([b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n", body].concat())
    }
}

/// Serves the answers in order, one a connection. Gives the address, and a handle that ends with the
/// `range` header of each request, once all answers are given.
pub fn serve(answers: Vec<Answer>) -> (String, JoinHandle<Vec<Option<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/ggml-m.bin", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let mut ranges = Vec::new();
        for Answer(bytes) in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let head: Vec<String> = BufReader::new(&stream)
                .lines()
                .map(|line| line.unwrap().to_ascii_lowercase())
                .take_while(|line| !line.is_empty())
                .collect();
            let range = head.iter().find_map(|line| line.strip_prefix("range: "));
            ranges.push(range.map(str::to_owned));
            // The client may have left: it knows enough from the header.
            let _ = stream.write_all(&bytes);
        }
        ranges
    });
    (url, server)
}
