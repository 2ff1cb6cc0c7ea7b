//! Shows a person who waits which stage runs, how far it is, and for how long.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Where progress is shown.
#[derive(Debug)]
pub struct Progress(Place);

#[derive(Debug)]
enum Place {
    Terminal,
    Lines,
    Nowhere,
}

impl Progress {
    /// Shows a bar on the controlling terminal if there is one, or else lines on stderr. Cargo hides a build
    /// script's output, but not its terminal.
    pub fn new() -> Self {
        Self(if terminal().is_some() { Place::Terminal } else { Place::Lines })
    }

    /// Shows nothing.
    pub fn silent() -> Self {
        Self(Place::Nowhere)
    }

    /// Writes a line that stays.
    pub(crate) fn say(&self, text: &str) {
        // A closed stderr or terminal must not stop a build.
        match self.0 {
            Place::Terminal => {
                if let Some(mut terminal) = tty() {
                    let _ = writeln!(terminal, "\r\x1b[2K{text}");
                }
            }
            Place::Lines => {
                let _ = writeln!(std::io::stderr(), "{text}");
            }
            Place::Nowhere => {}
        }
    }

    /// Starts a bar of `steps` steps.
    pub(crate) fn bar(&self, title: &str, steps: u64) -> Bar {
        let bar = ProgressBar::with_draw_target(Some(steps.max(1)), ProgressDrawTarget::hidden());
        if let (Place::Terminal, Some(target)) = (&self.0, terminal()) {
            bar.set_draw_target(target);
            bar.set_style(
                ProgressStyle::with_template("{prefix} {bar:30} {percent:>3} % {elapsed_precise}")
                    .expect("the template is valid")
                    .progress_chars("=> "),
            );
            bar.set_prefix(title.to_owned());
            bar.enable_steady_tick(Duration::from_millis(500));
        }
        if matches!(self.0, Place::Lines) {
            self.say(title);
        }
        Bar {
            shown: bar,
            title: title.to_owned(),
            lines: matches!(self.0, Place::Lines),
            last_line: Instant::now(),
        }
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

/// The progress of one stage.
pub(crate) struct Bar {
    shown: ProgressBar,
    title: String,
    /// Whether to write lines to stderr.
    lines: bool,
    /// When the last line was written.
    last_line: Instant,
}

impl Bar {
    /// Advances by one step. The bar stays below 100 % if there are more steps than expected.
    pub(crate) fn step(&mut self) {
        let length = self.shown.length().unwrap_or(1);
        if self.shown.position() + 1 < length {
            self.shown.inc(1);
        }
        if self.lines && self.last_line.elapsed() > Duration::from_secs(15) {
            self.last_line = Instant::now();
            let percent = self.shown.position() * 100 / length;
            let seconds = self.shown.elapsed().as_secs();
            let _ = writeln!(std::io::stderr(), "{}: {percent} %, {seconds} s", self.title);
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.shown.finish_and_clear();
    }
}

fn tty() -> Option<std::fs::File> {
    OpenOptions::new().read(true).write(true).open("/dev/tty").ok()
}

fn terminal() -> Option<ProgressDrawTarget> {
    let (input, output) = (tty()?, tty()?);
    Some(ProgressDrawTarget::term(console::Term::read_write_pair(input, output), 4))
}
