//! Processes that are ended if they do not end by themselves: a test that waits for ever tells nobody why.

use std::io::{Read, Write};
use std::process::{Child, Command, Output, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// No command of the tests takes this long even on a busy machine.
const LIMIT: Duration = Duration::from_mins(1);

/// What is to happen to standard input.
pub(crate) enum Input {
    /// These bytes, and then its end.
    Whole(Vec<u8>),
    /// These bytes, and then nothing: the other end stays open.
    Open(Vec<u8>),
}

/// Runs a command and returns what it printed.
///
/// # Panics
/// If it does not end in time; it is killed then.
pub(crate) fn output(command: &mut Command, input: Input) -> Output {
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = child.spawn().expect("the program starts");
    let mut pipe = child.stdin.take().expect("a pipe");
    // On a thread of its own: a program that writes before it has read all would wait for us, and we for it. One that
    // ends without reading closes the pipe, which is not a failure.
    let writer = thread::spawn(move || match input {
        Input::Whole(bytes) => {
            let _ = pipe.write_all(&bytes);
            None
        }
        Input::Open(bytes) => {
            let _ = pipe.write_all(&bytes);
            Some(pipe)
        }
    });
    let stdout = drained(child.stdout.take().expect("a pipe"));
    let stderr = drained(child.stderr.take().expect("a pipe"));
    let status = ended(&mut child, command);
    drop(writer.join().expect("written"));
    Output { status, stdout: stdout.join().expect("read"), stderr: stderr.join().expect("read") }
}

fn drained(mut pipe: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        bytes
    })
}

fn ended(child: &mut Child, command: &Command) -> std::process::ExitStatus {
    let end = Instant::now() + LIMIT;
    loop {
        if let Some(status) = child.try_wait().expect("a child") {
            return status;
        }
        if Instant::now() > end {
            let _ = child.kill();
            let _ = child.wait();
            panic!("{command:?} did not end within {LIMIT:?}");
        }
        thread::sleep(Duration::from_millis(5));
    }
}
