//! Steps at which a test can make the process die, to prove that nothing is left between before and after. Release builds have none.

/// A step that changes something on disk is about to be made. Dies here where `PRODEV_TEST_FAULT` counts down to this step; gets a signal where
/// `PRODEV_TEST_SIGNAL` does, and pretends to a full disk where `PRODEV_TEST_FULL` does.
///
/// # Errors
/// The pretended full disk.
#[cfg(debug_assertions)]
pub(super) fn point() -> std::io::Result<()> {
    let step = moment();
    if wanted("PRODEV_TEST_FULL").is_some_and(|first| step >= first) {
        return Err(std::io::Error::from(std::io::ErrorKind::StorageFull));
    }
    Ok(())
}

/// The same for a step that takes no space, such as a removal. Gives its number.
#[cfg(debug_assertions)]
pub(super) fn moment() -> usize {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static STEP: AtomicUsize = AtomicUsize::new(0);

    let step = STEP.fetch_add(1, Ordering::SeqCst) + 1;
    if wanted("PRODEV_TEST_SIGNAL") == Some(step) {
        // As Ctrl-C does; the handlers have run when this returns.
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::INT);
    }
    if wanted("PRODEV_TEST_FAULT") == Some(step) {
        // As if killed: no destructors, no handlers.
        std::process::abort();
    }
    step
}

#[cfg(debug_assertions)]
#[allow(clippy::disallowed_methods, reason = "a test's switch, absent from release builds")]
fn wanted(name: &str) -> Option<usize> {
    std::env::var(name).ok()?.parse().ok()
}

/// Nothing happens here in a release build.
///
/// # Errors
/// Never.
#[cfg(not(debug_assertions))]
#[allow(clippy::unnecessary_wraps, reason = "the debug build's twin can fail")]
#[inline]
pub(super) fn point() -> std::io::Result<()> {
    Ok(())
}

/// Nothing happens here in a release build.
#[cfg(not(debug_assertions))]
#[inline]
pub(super) fn moment() -> usize {
    0
}

/// How long to wait for something that takes `given` at most: a test has less time, and says in `PRODEV_TEST_PATIENCE` how many milliseconds.
#[cfg(debug_assertions)]
pub(super) fn patience(given: std::time::Duration) -> std::time::Duration {
    let wanted = wanted("PRODEV_TEST_PATIENCE").and_then(|wanted| u64::try_from(wanted).ok());
    wanted.map_or(given, std::time::Duration::from_millis)
}

/// As long as was said.
#[cfg(not(debug_assertions))]
#[inline]
pub(super) fn patience(given: std::time::Duration) -> std::time::Duration {
    given
}
