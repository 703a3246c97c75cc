//! What a signal that ends the process leaves behind: nothing.

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use crate::io::Destination;

/// From now on a signal that ends the process removes what is not finished of `files` first.
///
/// # Errors
/// If signals cannot be listened to.
pub(super) fn watch(files: Vec<Destination>) -> std::io::Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    let mut signals = Signals::new(heeded())?;
    std::thread::spawn(move || {
        for signal in signals.forever() {
            // The process ends here; if it does not, there is nothing more to do.
            abandon(&files, &|| drop(emulate_default_handler(signal)));
        }
    });
    Ok(())
}

/// Removes what is not finished of all of them, and calls `end` before any other can be begun.
fn abandon(files: &[Destination], end: &dyn Fn()) {
    match files {
        [] => end(),
        [first, rest @ ..] => first.abandon(|| abandon(rest, end)),
    }
}

/// The signals that would end the process now. One that is ignored, as `nohup` wants it, stays so; where the system does
/// not say which are, hanging up is left alone.
fn heeded() -> Vec<i32> {
    let status = std::fs::read_to_string("/proc/self/status").ok();
    let ignored = status.as_deref().and_then(ignored);
    let mut signals = vec![SIGINT, SIGTERM, SIGHUP];
    match ignored {
        Some(mask) => signals.retain(|signal| mask >> (signal - 1) & 1 == 0),
        None => signals.retain(|signal| *signal != SIGHUP),
    }
    signals
}

/// `SigIgn: 0000000000001000`, a bit for each signal.
fn ignored(status: &str) -> Option<u64> {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
    u64::from_str_radix(mask.trim(), 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mask_of_ignored_signals_is_read() {
        let status = "Name:\tx\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000001001\n";
        assert_eq!(ignored(status), Some(0x1001));
        assert_eq!(ignored("Name:\tx\n"), None);
    }
}
