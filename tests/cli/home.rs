//! What a program takes for granted: a home, a language, a time zone, the size of the terminal.

use std::process::Command;

use ptyprocess::PtyProcess;
use python_wasm_tests::Program;
use tempfile::tempdir;

use crate::{python, statements};

#[test]
fn there_is_a_home_in_memory() {
    let program = "
import os, pathlib, tempfile, getpass
home = pathlib.Path.home()
print(home, os.path.expanduser('~/x'), os.environ['HOME'], getpass.getuser(), tempfile.gettempdir())
(home / '.config').mkdir(); (home / '.config/a').write_text('kept')
print((home / '.config/a').read_text(), os.environ['LANG'])";
    statements(program).well().printing("/home/user /home/user/x /home/user user /tmp\nkept C.UTF-8\n");
}

#[test]
fn a_variable_and_a_mount_win() {
    let folder = tempdir().unwrap();
    std::fs::write(folder.path().join("a"), "").unwrap();
    let program =
        "import os, pathlib; print(pathlib.Path.home(), os.environ['LANG'], os.listdir('/home/user'))";
    Program::python()
        .grant("--ro-dir", folder.path(), "/home/user")
        .args(["--env", "HOME=/elsewhere", "--env", "LANG=C", "-c", program])
        .run()
        .well()
        .printing("/elsewhere C ['a']\n");
}

#[test]
fn a_time_zone_comes_from_a_variable() {
    let program = "
import time, datetime
summer, winter = time.localtime(1_750_000_000), time.localtime(1_735_000_000)
print(time.tzname, time.timezone, time.altzone, time.daylight)
for moment in summer, winter:
    print(time.strftime('%F %T %Z %z', moment), moment.tm_isdst, int(time.mktime(moment)))
print(datetime.datetime(2025, 7, 1).astimezone())";
    python(["--env", "TZ=America/New_York", "-c", program]).well().printing(
        "('EST', 'EDT') 18000 14400 1\n\
         2025-06-15 11:06:40 EDT -0400 1 1750000000\n\
         2024-12-23 19:26:40 EST -0500 0 1735000000\n\
         2025-07-01 00:00:00-04:00\n",
    );
}

#[test]
fn a_program_changes_its_time_zone() {
    let program = "
import os, time
for zone in 'Asia/Kathmandu', 'CET-1CEST,M3.5.0,M10.5.0/3', 'Nowhere/None', '', '/etc/passwd', 'Europe/Berlin':
    os.environ['TZ'] = zone
    time.tzset()
    print(time.strftime('%T %Z', time.localtime(1_750_000_000)), time.tzname[0], time.timezone)";
    statements(program).well().printing(
        "20:51:40 +0545 +0545 -20700\n\
         17:06:40 CEST CET -3600\n\
         15:06:40 UTC UTC 0\n\
         15:06:40 UTC UTC 0\n\
         15:06:40 UTC UTC 0\n\
         17:06:40 CEST CET -3600\n",
    );
}

/// Runs statements at a terminal of 100 columns, and returns what they print.
fn at_a_terminal(words: &[&str]) -> String {
    let mut command = Program::python().into_command();
    command.args(words).env("TZ", "Asia/Tokyo").env("NO_COLOR", "1");
    shown(command)
}

fn shown(command: Command) -> String {
    let mut terminal = PtyProcess::spawn(command).unwrap();
    terminal.set_window_size(100, 30).unwrap();
    let mut text = Vec::new();
    // Linux ends the output of a terminal that nobody has open with EIO.
    let _end = std::io::Read::read_to_end(&mut terminal.get_raw_handle().unwrap(), &mut text);
    terminal.wait().unwrap();
    String::from_utf8(text).unwrap().replace("\r\n", "\n")
}

#[test]
fn a_terminal_has_a_size_and_its_persons_time_zone() {
    // The size is set a moment after the start.
    let program = "
import os, shutil, time
while os.get_terminal_size(1).columns != 100: time.sleep(0.01)
print(os.get_terminal_size(), shutil.get_terminal_size().lines, time.tzname)";
    let expected = "os.terminal_size(columns=100, lines=30) 30 ('JST', 'JST')\n";
    assert_eq!(at_a_terminal(&["-c", program]), expected);
    let fixed = "import time; print(time.tzname)";
    assert_eq!(at_a_terminal(&["--seed", "1", "-c", fixed]), "('UTC', 'UTC')\n");
    assert_eq!(at_a_terminal(&["--env", "TZ=UTC", "-c", fixed]), "('UTC', 'UTC')\n");
}

#[test]
fn what_is_no_terminal_has_no_size() {
    let program = "
import os, shutil
try: os.get_terminal_size()
except OSError as error: print(error)
print(shutil.get_terminal_size())";
    let expected = "[Errno 59] Not a tty\nos.terminal_size(columns=80, lines=24)\n";
    statements(program).well().printing(expected);
}
