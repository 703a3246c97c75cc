//! A pseudo-terminal with the program in it, and the screen it draws.
//!
//! Output is drained on a thread; tests wait for text or for the end, never for time to pass.

#![expect(
    clippy::unwrap_used,
    reason = "a harness for tests: what fails here fails the test that uses it"
)]

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

/// No step takes this long even on a busy machine.
const LIMIT: Duration = Duration::from_mins(1);

pub(crate) struct Terminal {
    master: Option<Box<dyn MasterPty + Send>>,
    child: Box<dyn Child + Send + Sync>,
    writer: Option<Box<dyn Write + Send>>,
    output: Receiver<Vec<u8>>,
    stop: Arc<AtomicBool>,
    parser: vt100::Parser,
    /// Where the program keeps what outlives it.
    _home: tempfile::TempDir,
    /// Everything the program wrote.
    pub(crate) bytes: Vec<u8>,
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

fn cells(n: u16) -> NonZero<u16> {
    NonZero::new(n).unwrap()
}

impl Terminal {
    /// Starts the program on a terminal of 100 x 30 cells.
    pub(crate) fn start(folder: &Path, args: &[&str], env: &[(&str, &str)]) -> Self {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_logitscope"));
        command.args(args);
        Self::start_command(command, folder, env)
    }

    /// Starts a command of the shell on such a terminal.
    pub(crate) fn start_shell(folder: &Path, script: &str) -> Self {
        let mut command = CommandBuilder::new("sh");
        command.args(["-c", script]);
        Self::start_command(command, folder, &[])
    }

    fn start_command(mut command: CommandBuilder, folder: &Path, env: &[(&str, &str)]) -> Self {
        let pair = native_pty_system().openpty(size(100, 30)).unwrap();
        command.cwd(folder);
        for name in ["NO_COLOR", "TMUX", "LC_ALL", "LC_CTYPE", "LOGITSCOPE_TRACE"] {
            command.env_remove(name);
        }
        let home = tempfile::tempdir().unwrap();
        for (name, folder) in
            [("HOME", ""), ("XDG_STATE_HOME", "state"), ("XDG_CONFIG_HOME", "config")]
        {
            command.env(name, home.path().join(folder));
        }
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        for (name, value) in env {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        let reader = pair.master.try_clone_reader().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        Self {
            output: drain(reader, Arc::clone(&stop)),
            stop,
            writer: Some(pair.master.take_writer().unwrap()),
            master: Some(pair.master),
            child,
            parser: vt100::Parser::new(cells(30), cells(100), 0),
            _home: home,
            bytes: Vec::new(),
        }
    }

    pub(crate) fn send(&mut self, keys: &str) {
        let writer = self.writer.as_mut().unwrap();
        writer.write_all(keys.as_bytes()).unwrap();
        writer.flush().unwrap();
    }

    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        self.parser.screen_mut().set_size(cells(rows), cells(columns));
        self.master.as_ref().unwrap().resize(size(columns, rows)).unwrap();
    }

    /// Closes the terminal under the program, which must draw something on `key`: the draining
    /// thread holds the terminal open until it has read once more.
    pub(crate) fn hang_up(&mut self, key: &str) {
        self.stop.store(true, Ordering::SeqCst);
        self.send(key);
        self.writer = None;
        self.master = None;
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.process_id().unwrap().to_string();
        let status =
            std::process::Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap();
        assert!(status.success());
    }

    /// Waits until the program is stopped, as a shell does before it lets anyone type `fg`: a
    /// SIGCONT that comes before the stop is lost, and the program then stays stopped.
    #[cfg(unix)]
    pub(crate) fn wait_until_stopped(&mut self) {
        let id = self.child.process_id().unwrap().to_string();
        let end = Instant::now() + LIMIT;
        loop {
            let output =
                std::process::Command::new("ps").args(["-o", "stat=", "-p", &id]).output().unwrap();
            let state = String::from_utf8_lossy(&output.stdout).trim().to_owned();
            if state.starts_with('T') {
                return;
            }
            assert!(Instant::now() < end, "not stopped, but {state:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub(crate) fn screen(&self) -> String {
        self.parser.screen().contents()
    }

    /// Waits until the screen holds `words`.
    pub(crate) fn wait_for(&mut self, words: &str) {
        self.wait_until(words, |screen| screen.contains(words));
    }

    /// Waits until `holds` is true of the screen.
    pub(crate) fn wait_until(&mut self, what: &str, holds: impl Fn(&str) -> bool) {
        let end = Instant::now() + LIMIT;
        while !holds(&self.screen()) {
            let left = end.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Timeout) => panic!("no {what:?} on\n{}", self.screen()),
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("ended without {what:?}; last screen\n{}", self.screen())
                }
            }
        }
    }

    /// Waits for the program to end and takes what it still wrote.
    pub(crate) fn wait_for_end(&mut self) -> ExitStatus {
        let end = Instant::now() + LIMIT;
        let status = loop {
            while let Ok(bytes) = self.output.try_recv() {
                self.take(&bytes);
            }
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < end, "still running:\n{}", self.screen());
            if let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(20)) {
                self.take(&bytes);
            }
        };
        while let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(200)) {
            self.take(&bytes);
        }
        status
    }

    fn take(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.parser.process(bytes);
    }

    /// The terminal's line settings cook input again: what raw mode takes away is back.
    #[cfg(unix)]
    pub(crate) fn is_cooked(&self) -> bool {
        let Some(master) = &self.master else {
            return false;
        };
        // `stty` reads the settings of the terminal that is its standard input.
        let Some(name) = master.tty_name() else {
            return false;
        };
        let tty = std::fs::File::open(name).unwrap();
        let output = std::process::Command::new("stty").arg("-a").stdin(tty).output().unwrap();
        let words = String::from_utf8_lossy(&output.stdout).replace([';', '\n'], " ");
        let has = |word: &str| words.split_whitespace().any(|w| w == word);
        has("icanon") && has("echo") && has("isig")
    }

    /// True if the last word on each mode that the app takes is that it is off.
    pub(crate) fn gave_modes_back(&self) -> bool {
        let text = String::from_utf8_lossy(&self.bytes);
        let last = |on: &str, off: &str| text.rfind(on) < text.rfind(off);
        let modes = ["1000", "1002", "1006", "2004", "1049"];
        modes.iter().all(|m| last(&format!("\x1b[?{m}h"), &format!("\x1b[?{m}l")))
            && last("\x1b[?25l", "\x1b[?25h")
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Already ended, in most tests.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn drain(mut reader: Box<dyn Read + Send>, stop: Arc<AtomicBool>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut buffer = vec![0; 65536];
        while let Ok(n) = reader.read(&mut buffer) {
            let is_over = n == 0 || stop.load(Ordering::SeqCst);
            if is_over || sender.send(buffer[..n].to_vec()).is_err() {
                break;
            }
        }
    });
    receiver
}
