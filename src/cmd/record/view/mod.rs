//! What the person sees while it records: one calm screen, or plain lines where there is no terminal.

mod decode;
mod draw;
mod fit;
mod keys;
mod page;
mod plain;
mod row;
mod screen;
mod words;

use std::io::{self, IsTerminal};
use std::time::Duration;

use super::state::{LiveState, Wish};

use plain::Plain;
use screen::Screen;

/// Shows the recording and hears what the person asks for. Dropping it gives the terminal back.
///
/// An error of either call means that there is nothing left to draw on; the recording can go on with [`plain`].
pub trait View {
    /// Draws; called about five times a second.
    fn show(&mut self, state: &LiveState) -> io::Result<()>;

    /// Waits up to `wait` for keys and gives what they ask for. Returns early after any key, so that what is typed
    /// can be shown at once.
    fn wishes(&mut self, wait: Duration) -> io::Result<Vec<Wish>>;
}

/// The screen where standard input and output are terminals, plain lines on standard error elsewhere.
pub fn open(title: &str) -> io::Result<Box<dyn View>> {
    let capable = std::env::var_os("TERM").is_some_and(|name| name != "dumb");
    if capable && io::stdin().is_terminal() && io::stdout().is_terminal() && screen::has_room() {
        return Ok(Box::new(Screen::open()?));
    }
    Ok(plain(title))
}

/// Plain lines on standard error, and no keys.
pub fn plain(title: &str) -> Box<dyn View> {
    Box::new(Plain::new(title, io::stderr()))
}
