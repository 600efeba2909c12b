//! Getting a file from an address, in as many goes as it takes.

use std::fs::{self, File, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use ureq::Agent;
use ureq::http::Response;

use super::{ModelError, Progress, Step};

/// Goes in a row that bring nothing before we give up.
const TRIES: u32 = 5;
/// Before the second go; doubled for each further one.
const PAUSE: Duration = Duration::from_millis(200);

/// Why a go ended early.
enum Trouble {
    /// Nobody answered. Where nothing came before either, waiting will not help.
    Unreachable(String),
    /// Worth another go.
    Passing(String),
    /// The server will not give this file.
    Final(String),
    /// Our own disk.
    Local(ModelError),
}

/// Gets the file of `size` bytes at `url` into `part`, going on from the bytes that are there.
///
/// An address that does not answer at all fails within about ten seconds; a connection that breaks is
/// taken up again a few times. Tells [`Step::Downloading`].
///
/// # Errors
/// [`ModelError::Source`] with the reason; `part` then keeps what came, if anything. [`ModelError::Busy`] where
/// another process writes to `part`.
pub fn fetch(url: &str, size: u64, part: &Path, progress: Progress) -> Result<(), ModelError> {
    let mut file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(part)
        .map_err(ModelError::io("open", part))?;
    if let Err(TryLockError::WouldBlock) = file.try_lock() {
        return Err(ModelError::Busy { path: part.into() });
    }
    let result = fill(&mut file, url, size, part, progress);
    if result.is_err() && length(&file, part)? == 0 {
        fs::remove_file(part).map_err(ModelError::io("remove", part))?;
    }
    result
}

fn fill(file: &mut File, url: &str, size: u64, part: &Path, progress: Progress) -> Result<(), ModelError> {
    let agent = agent();
    let mut answered = false;
    let mut idle = 0;
    loop {
        let before = length(file, part)?;
        let reason = match go(&agent, url, size, file, part, progress) {
            Ok(()) => return file.sync_all().map_err(ModelError::io("write", part)),
            Err(Trouble::Local(error)) => return Err(error),
            Err(Trouble::Final(reason)) => return Err(ModelError::Source(reason)),
            Err(Trouble::Unreachable(reason)) if !answered => {
                return Err(ModelError::Source(reason));
            }
            Err(Trouble::Unreachable(reason) | Trouble::Passing(reason)) => reason,
        };
        answered = true;
        let now = length(file, part)?;
        idle = if now > before { 1 } else { idle + 1 };
        if idle == TRIES {
            return Err(ModelError::Source(format!(
                "{reason}; {now} of {size} bytes are here, and the same command goes on from there"
            )));
        }
        sleep(PAUSE * 2_u32.pow(idle - 1));
    }
}

fn agent() -> Agent {
    const ANSWER: Duration = Duration::from_secs(30);
    const CONNECT: Duration = Duration::from_secs(10);
    Agent::config_builder()
        .timeout_resolve(Some(CONNECT))
        .timeout_connect(Some(CONNECT))
        .timeout_recv_response(Some(ANSWER))
        .timeout_per_read(Some(ANSWER))
        .http_status_as_error(false)
        // A range counts the bytes of the file, not those of a compressed answer.
        .accept_encoding("identity")
        .build()
        .into()
}

fn length(file: &File, path: &Path) -> Result<u64, ModelError> {
    Ok(file.metadata().map_err(ModelError::io("read", path))?.len())
}

/// One request, from the end of `file` on.
fn go(
    agent: &Agent,
    url: &str,
    size: u64,
    file: &mut File,
    path: &Path,
    progress: Progress,
) -> Result<(), Trouble> {
    let local = |e| Trouble::Local(ModelError::io("write", path)(e));
    let have = length(file, path).map_err(Trouble::Local).map(|have| if have > size { 0 } else { have })?;
    if have == size {
        return Ok(());
    }
    let mut request = agent.get(url);
    if have > 0 {
        request = request.header("range", format!("bytes={have}-"));
    }
    let response = request.call().map_err(|e| Trouble::Unreachable(e.to_string()))?;
    let Some(mut done) = start(&response, have)? else {
        file.set_len(0).map_err(local)?;
        return Err(Trouble::Passing("the server lost its place".into()));
    };
    let mut body = response.into_body();
    if let Some(left) = body.content_length()
        && done + left != size
    {
        let there = done + left;
        return Err(Trouble::Final(format!(
            "the file there has {there} bytes, not {size}: it is not the one that the catalogue means"
        )));
    }
    file.set_len(done).map_err(local)?;
    file.seek(SeekFrom::Start(done)).map_err(local)?;
    let mut body = body.as_reader();
    let mut buffer = vec![0; 1 << 16];
    while done < size {
        let n = body.read(&mut buffer).map_err(|e| Trouble::Passing(format!("the connection broke: {e}")))?;
        if n == 0 {
            return Err(Trouble::Passing("the connection ended early".into()));
        }
        let wanted = n.min(usize::try_from(size - done).unwrap_or(n));
        file.write_all(&buffer[..wanted]).map_err(local)?;
        done += wanted as u64;
        progress(Step::Downloading { done, total: size });
    }
    Ok(())
}

/// The offset at which the answer's body starts, or `None` where it does not fit the `have` bytes that
/// are here.
fn start<T>(response: &Response<T>, have: u64) -> Result<Option<u64>, Trouble> {
    match response.status().as_u16() {
        200 => Ok(Some(0)),
        206 => Ok(range_start(response).filter(|&start| start == have)),
        416 => Ok(None),
        status @ (408 | 429 | 500..) => Err(Trouble::Passing(format!("the server answered {status}"))),
        status => Err(Trouble::Final(format!("the server answered {status}"))),
    }
}

/// The first number of `content-range: bytes 10-99/100`.
fn range_start<T>(response: &Response<T>) -> Option<u64> {
    let value = response.headers().get("content-range")?.to_str().ok()?;
    value.strip_prefix("bytes ")?.split('-').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::time::Instant;

    use super::super::loopback::{Answer, serve};
    use super::*;

    fn file() -> Vec<u8> {
        (0..300_000_u32).map(|i| (i * 31 % 251) as u8).collect()
    }

    struct Fetched {
        result: Result<(), String>,
        bytes: Vec<u8>,
        ranges: Vec<Option<String>>,
    }

    /// Fetches what `answers` serve into a part that holds `have` already.
    fn fetch_from(answers: Vec<Answer>, have: &[u8]) -> Fetched {
        let dir = tempfile::tempdir().unwrap();
        let part = dir.path().join("part");
        fs::write(&part, have).unwrap();
        let (url, server) = serve(answers);
        let size = file().len() as u64;
        let result = fetch(&url, size, &part, &mut |_| ()).map_err(|e| e.to_string());
        Fetched { result, bytes: fs::read(&part).unwrap_or_default(), ranges: server.join().unwrap() }
    }

    #[test]
    fn a_whole_file_arrives() {
        let fetched = fetch_from(vec![Answer::whole(&file())], b"");
        assert_eq!(fetched.result, Ok(()));
        assert!(fetched.bytes == file());
        assert_eq!(fetched.ranges, [None]);
    }

    #[test]
    fn a_body_without_a_length_arrives_too() {
        let fetched = fetch_from(vec![Answer::without_length(&file())], b"");
        assert_eq!(fetched.result, Ok(()));
        assert!(fetched.bytes == file());
    }

    #[test]
    fn goes_on_from_the_part_that_is_here() {
        let file = file();
        let rest = Answer::part(&file, 1000, file.len() - 1000);
        let fetched = fetch_from(vec![rest], &file[..1000]);
        assert_eq!(fetched.result, Ok(()));
        assert!(fetched.bytes == file);
        assert_eq!(fetched.ranges, [Some("bytes=1000-".into())]);
    }

    #[test]
    fn a_cut_in_the_middle_is_taken_up_again() {
        let file = file();
        let cut = Answer::new("200 OK", "", file.len(), &file[..100_000]);
        let again = Answer::part(&file, 100_000, 50_000);
        let rest = Answer::part(&file, 150_000, file.len() - 150_000);
        let fetched = fetch_from(vec![cut, again, rest], b"");
        assert_eq!(fetched.result, Ok(()));
        assert!(fetched.bytes == file);
        let range = |n| Some(format!("bytes={n}-"));
        assert_eq!(fetched.ranges, [None, range(100_000), range(150_000)]);
    }

    #[test]
    fn a_server_without_ranges_starts_over() {
        let fetched = fetch_from(vec![Answer::whole(&file())], &[7; 1000]);
        assert_eq!(fetched.result, Ok(()));
        assert!(fetched.bytes == file());
    }

    #[test]
    fn a_server_with_another_place_starts_over() {
        let file = file();
        let elsewhere = Answer::part(&file, 2000, 10);
        let fetched = fetch_from(vec![elsewhere, Answer::whole(&file)], &file[..1000]);
        assert_eq!(fetched.result, Ok(()));
        assert!(fetched.bytes == file);

        let none = Answer::new("416 Range Not Satisfiable", "", 0, b"");
        let fetched = fetch_from(vec![none, Answer::whole(&file)], &file[..1000]);
        assert_eq!(fetched.result, Ok(()));
        assert_eq!(fetched.ranges, [Some("bytes=1000-".into()), None]);
    }

    #[test]
    fn a_part_that_is_whole_or_too_long_is_handled() {
        let fetched = fetch_from(vec![], &file());
        assert_eq!(fetched.result, Ok(()));
        let long = [file(), vec![0; 9]].concat();
        let fetched = fetch_from(vec![Answer::whole(&file())], &long);
        assert_eq!(fetched.result, Ok(()));
        assert!(fetched.bytes == file());
    }

    #[test]
    fn a_refusal_is_final() {
        let fetched = fetch_from(vec![Answer::new("404 Not Found", "", 3, b"no!")], b"");
        assert_eq!(fetched.result, Err("the server answered 404".into()));
        assert_eq!(fetched.bytes, b"");
    }

    #[test]
    fn another_size_is_refused_before_it_is_read() {
        let fetched = fetch_from(vec![Answer::whole(b"<html>log in first</html>")], b"");
        let text = fetched.result.unwrap_err();
        assert!(text.contains("has 25 bytes, not 300000"), "{text}");
        assert_eq!(fetched.bytes, b"");
    }

    #[test]
    fn a_server_that_keeps_failing_is_given_up_and_the_part_kept() {
        let file = file();
        let mut answers = vec![Answer::new("200 OK", "", file.len(), &file[..500])];
        for _ in 1..TRIES {
            answers.push(Answer::new("503 Service Unavailable", "", 0, b""));
        }
        let fetched = fetch_from(answers, b"");
        let text = fetched.result.unwrap_err();
        assert!(text.starts_with("the server answered 503; 500 of 300000 bytes"), "{text}");
        assert!(fetched.bytes == file[..500]);
    }

    #[test]
    fn nobody_there_fails_at_once() {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let dir = tempfile::tempdir().unwrap();
        let begun = Instant::now();
        let url = format!("http://127.0.0.1:{port}/x");
        let result = fetch(&url, 10, &dir.path().join("part"), &mut |_| ());
        assert!(matches!(result, Err(ModelError::Source(_))));
        assert!(begun.elapsed() < Duration::from_secs(2));
    }

    #[test]
    fn two_pulls_do_not_write_one_part() {
        let dir = tempfile::tempdir().unwrap();
        let part = dir.path().join("part");
        let other = File::create(&part).unwrap();
        other.lock().unwrap();
        let result = fetch("http://127.0.0.1:9/x", 10, &part, &mut |_| ());
        assert!(matches!(result, Err(ModelError::Busy { .. })));
    }
}
