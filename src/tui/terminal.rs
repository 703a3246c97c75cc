//! The terminal is taken and given back here, and nowhere else.
//!
//! Given back once and for all on quit, error, panic and signal: mouse, bracketed paste, alternate
//! screen, cursor, raw mode, in an order that leaves a sane shell whatever fails on the way.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};
use std::mem::ManuallyDrop;
use std::os::fd::AsFd;
use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use crossterm::{execute, queue};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, tcgetattr, tcsetattr};

/// A frame leaves in one piece: 120x36 cells with colours are about 30 KiB.
const OUTPUT_BYTES: usize = 64 * 1024;

/// Clicks, drags and SGR coordinates. Not 1003: every motion would cross the SSH link.
const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1002h\x1b[?1006h";

/// Also 1003 and 1015, in case something else left them on.
const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1015l\x1b[?1003l\x1b[?1002l\x1b[?1000l";

/// In place of a key that would send a signal (`_POSIX_VDISABLE`).
const NO_KEY: u8 = if cfg!(any(target_os = "linux", target_os = "android")) { 0 } else { 0xFF };

type PanicHook = dyn Fn(&panic::PanicHookInfo<'_>) + Sync + Send + 'static;

/// The taken terminal. Dropping it gives the terminal back.
pub(super) struct Screen {
    /// Never dropped: its own `drop` prints if the terminal is gone (and printing panics then), and the
    /// buffer's would write a torn frame over the shell.
    terminal: ManuallyDrop<Terminal<CrosstermBackend<BufWriter<Stdout>>>>,
    taken: Arc<AtomicBool>,
    earlier_hook: Arc<PanicHook>,
    mouse: bool,
    last: Buffer,
}

impl Screen {
    /// Takes the terminal.
    ///
    /// # Errors
    /// If there is no terminal, or it does not answer.
    pub(super) fn take(mouse: bool) -> io::Result<Self> {
        // crossterm 0.29 answers NO_COLOR with a reset that also wipes reversed and bold; colour is
        // the theme's business here (crossterm PR #1069).
        crossterm::style::force_color_output(true);
        let taken = Arc::new(AtomicBool::new(false));
        let earlier_hook = hook(&taken);
        let output = BufWriter::with_capacity(OUTPUT_BYTES, io::stdout());
        let terminal = ManuallyDrop::new(Terminal::new(CrosstermBackend::new(output))?);
        let mut screen = Self { terminal, taken, earlier_hook, mouse, last: Buffer::default() };
        screen.enter()?;
        Ok(screen)
    }

    fn enter(&mut self) -> io::Result<()> {
        self.taken.store(true, Ordering::SeqCst);
        enable_raw_mode()?;
        heed_interrupt();
        let output = self.terminal.backend_mut();
        queue!(output, EnterAlternateScreen, EnableBracketedPaste, Hide)?;
        if self.mouse {
            output.write_all(MOUSE_ON)?;
        }
        Write::flush(output)
    }

    /// Columns and rows.
    ///
    /// # Errors
    /// If the terminal is gone.
    pub(super) fn size(&self) -> io::Result<ratatui::layout::Size> {
        self.terminal.size()
    }

    /// Draws one frame, all of it or nothing of it.
    ///
    /// # Errors
    /// If the terminal is gone.
    pub(super) fn draw(&mut self, render: impl FnOnce(&mut Buffer)) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        let drawn = self.terminal.draw(|frame| render(frame.buffer_mut()))?;
        self.last = drawn.buffer.clone();
        let output = self.terminal.backend_mut();
        queue!(output, EndSynchronizedUpdate)?;
        Write::flush(output)
    }

    /// Forgets what is on the screen: the next frame is drawn whole.
    ///
    /// # Errors
    /// If the terminal is gone.
    pub(super) fn clear(&mut self) -> io::Result<()> {
        // Not `Terminal::clear`: it asks the terminal where the cursor is, and the thread that reads
        // the keys would take the answer. Resizing to the same size clears without asking.
        let size = self.terminal.size()?;
        self.terminal.resize(Rect::from((Position::ORIGIN, size)))
    }

    /// Writes an escape sequence past the frame.
    ///
    /// # Errors
    /// If the terminal is gone.
    pub(super) fn write(&mut self, sequence: &str) -> io::Result<()> {
        let output = self.terminal.backend_mut();
        output.write_all(sequence.as_bytes())?;
        Write::flush(output)
    }

    /// Gives the terminal back and stops the process until it is continued; then takes it again.
    ///
    /// # Errors
    /// If the terminal is gone.
    pub(super) fn suspend(&mut self) -> io::Result<()> {
        give_back(&self.taken);
        signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)?;
        self.retake()
    }

    /// Takes the terminal again after the process was continued: the shell has set its own modes.
    ///
    /// # Errors
    /// If the terminal is gone.
    pub(super) fn retake(&mut self) -> io::Result<()> {
        give_back(&self.taken);
        self.enter()?;
        self.clear()
    }

    /// Gives the terminal back and prints the last frame below the shell's own lines.
    pub(super) fn leave_last_frame(&mut self) {
        give_back(&self.taken);
        let text = plain_text(&self.last);
        let mut output = io::stdout();
        // The terminal may be gone, and then nobody wants to read this.
        let _ = output.write_all(text.as_bytes());
        let _ = output.flush();
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back(&self.taken);
        if !thread::panicking() {
            let earlier = Arc::clone(&self.earlier_hook);
            panic::set_hook(Box::new(move |info| earlier(info)));
        }
    }
}

/// Ctrl-C reaches the program as a signal: as a key it would be part of whatever is being pasted, and a paste that never
/// ends would take it for ever. Where this cannot be had it stays a key.
fn heed_interrupt() {
    let set = |terminal: &dyn AsFd| -> rustix::io::Result<()> {
        let mut modes = tcgetattr(terminal.as_fd())?;
        // What is typed before it is not thrown away.
        modes.local_modes |= LocalModes::ISIG | LocalModes::NOFLSH;
        // Ctrl-\ and Ctrl-Z stay keys.
        modes.special_codes[SpecialCodeIndex::VQUIT] = NO_KEY;
        modes.special_codes[SpecialCodeIndex::VSUSP] = NO_KEY;
        tcsetattr(terminal.as_fd(), OptionalActions::Now, &modes)
    };
    // The same terminal that was made raw.
    let _ = if io::stdin().is_terminal() {
        set(&io::stdin())
    } else {
        File::open("/dev/tty").map_or(Ok(()), |terminal| set(&terminal))
    };
}

/// The one way back; the second call does nothing. Errors are ignored: there is nothing to do about
/// them, and printing to a terminal that hung up would panic.
fn give_back(taken: &AtomicBool) {
    if !taken.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut output = io::stdout();
    let _ = output.write_all(MOUSE_OFF);
    let _ =
        execute!(output, EndSynchronizedUpdate, DisableBracketedPaste, LeaveAlternateScreen, Show);
    let _ = disable_raw_mode();
}

/// Gives the terminal back before a panic of this thread is printed. Panics of other threads are
/// caught there and told in the app, so they print nothing over it.
fn hook(taken: &Arc<AtomicBool>) -> Arc<PanicHook> {
    let earlier: Arc<PanicHook> = Arc::from(panic::take_hook());
    let (taken, kept) = (Arc::clone(taken), Arc::clone(&earlier));
    let own_thread = thread::current().id();
    panic::set_hook(Box::new(move |info| {
        if thread::current().id() == own_thread {
            give_back(&taken);
            kept(info);
        }
    }));
    earlier
}

/// The characters of a frame, row by row, without blanks at the ends.
fn plain_text(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width).max(1);
    let rows = buffer.content.chunks(width).map(|row| {
        let line: String = row.iter().map(ratatui::buffer::Cell::symbol).collect();
        line.trim_end().to_owned() + "\n"
    });
    rows.collect()
}
