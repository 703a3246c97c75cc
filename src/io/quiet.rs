//! Panics of the libraries that take foreign files apart: caught, made an error, and not printed.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::Once;

thread_local! {
    /// True while this thread runs code whose panics become errors.
    static CAUGHT: Cell<bool> = const { Cell::new(false) };
}

/// Installed at most once; it hands on every panic that is not caught here.
static HOOK: Once = Once::new();

/// Runs `run`; a panic of this thread within it is an error, which holds its words, and prints nothing.
///
/// The first call wraps the panic hook of the process: that of a thread which is not within `catch` is as before.
pub(super) fn catch<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    HOOK.call_once(|| {
        let earlier = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !CAUGHT.get() {
                earlier(info);
            }
        }));
    });
    let outer = CAUGHT.replace(true);
    let result = catch_unwind(AssertUnwindSafe(run));
    CAUGHT.set(outer);
    result.map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        text.unwrap_or("no reason given").to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panics_are_words() {
        assert_eq!(catch(|| 3), Ok(3));
        assert_eq!(catch(|| panic!("so {}", 1)), Err::<(), _>("so 1".to_owned()));
        assert!(!CAUGHT.get());
        let nested = catch(|| (catch(|| panic!("inner")), CAUGHT.get()));
        assert_eq!(nested, Ok((Err::<(), _>("inner".to_owned()), true)));
    }
}
