//! The terminal: taken while the recording runs, and given back however it ends.

use std::io::{self, Stdout};
use std::mem::ManuallyDrop;
use std::panic;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    self, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::super::state::{LiveState, Wish};
use super::View;
use super::decode::{Decoder, Key};
use super::draw::render;
use super::keys::Keys;

/// One for the process, as the terminal is: the panic hook has no other way to know.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The recording on the whole screen, with keys.
pub struct Screen {
    // Never dropped: ratatui's own drop prints to standard error, which panics where the terminal has vanished.
    terminal: ManuallyDrop<Terminal<CrosstermBackend<Stdout>>>,
    decoder: Decoder,
    keys: Keys,
}

/// Some terminals, as of containers, say that they have no size; nothing can be drawn on them.
pub fn has_room() -> bool {
    terminal::size().is_ok_and(|(columns, rows)| columns > 0 && rows > 0)
}

impl Screen {
    /// Takes the terminal.
    pub fn open() -> io::Result<Self> {
        let terminal = ManuallyDrop::new(Terminal::new(CrosstermBackend::new(io::stdout()))?);
        give_back_on_panic();
        TAKEN.store(true, Ordering::SeqCst);
        // From here on dropping it gives the terminal back, also where a step fails.
        let screen = Self { terminal, decoder: Decoder::default(), keys: Keys::default() };
        enable_raw_mode()?;
        execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste)?;
        Ok(screen)
    }
}

impl View for Screen {
    fn show(&mut self, state: &LiveState) -> io::Result<()> {
        still_taken()?;
        let typing = self.keys.typing();
        self.terminal.draw(|frame| render(frame, state, typing))?;
        Ok(())
    }

    fn wishes(&mut self, wait: Duration) -> io::Result<Vec<Wish>> {
        still_taken()?;
        let mut wishes = Vec::new();
        for key in self.decoder.feed(&typed(wait)?) {
            if key == Key::Redraw {
                self.terminal.clear()?;
            }
            wishes.extend(self.keys.press(key));
        }
        Ok(wishes)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// What comes from the keyboard within `wait`.
fn typed(wait: Duration) -> io::Result<Vec<u8>> {
    let input = io::stdin();
    let timeout = Timespec::try_from(wait).map_err(io::Error::other)?;
    let mut bytes = [0; 1024];
    let read =
        poll(&mut [PollFd::new(&input, PollFlags::IN)], Some(&timeout)).and_then(|ready| match ready {
            0 => Err(Errno::AGAIN),
            _ => rustix::io::read(&input, &mut bytes),
        });
    match read {
        Ok(0) => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the terminal has gone")),
        Ok(count) => Ok(bytes[..count].to_vec()),
        Err(Errno::AGAIN | Errno::INTR) => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

/// A panic of any thread gives the terminal back; what is drawn after that would land between other lines.
fn still_taken() -> io::Result<()> {
    if TAKEN.load(Ordering::SeqCst) { Ok(()) } else { Err(io::Error::other("the terminal was given back")) }
}

fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        // There is nobody left to tell where these fail.
        let _ = disable_raw_mode();
        let _ = execute!(io::stdout(), DisableBracketedPaste, LeaveAlternateScreen, Show);
    }
}

/// The message of a panic must land on the terminal as it was, not on a screen that is about to go.
fn give_back_on_panic() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            give_back();
            previous(panic);
        }));
    });
}
