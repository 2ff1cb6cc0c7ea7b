//! `--prepare` and `--image`: programs that start with everything imported.

use std::fs;
use std::path::PathBuf;

use python_wasm_tests::{Outcome, Program};
use tempfile::{TempDir, tempdir};

/// A folder to run in, with a site of one package in it, of which a part is imported late.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempdir().unwrap());
        let package = place.path("site/tool");
        fs::create_dir_all(&package).unwrap();
        fs::write(package.join("__init__.py"), "loaded = []\nloaded.append('tool')\n").unwrap();
        fs::write(package.join("late.py"), "from . import loaded\nloaded.append('late')\n").unwrap();
        fs::write(package.join("data.txt"), "data").unwrap();
        fs::write(place.path("site/fast.abi3.so"), "\x7fELF").unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().canonicalize().unwrap().join(name)
    }

    fn run(&self, words: &[&str]) -> Outcome {
        let folder = self.path("");
        Program::python().variable("PYTHON_WASM_CACHE", self.path("cache")).folder(&folder).args(words).run()
    }

    fn prepare(&self, words: &[&str]) -> Outcome {
        self.run(&[&["--prepare", "tools.image"], words].concat())
    }

    /// A place with the image of its package.
    fn prepared() -> Self {
        let place = Self::new();
        place.prepare(&["--site", "site", "-c", "import tool, decimal; x = 1"]).well();
        place
    }

    fn with_image(&self, words: &[&str]) -> Outcome {
        self.run(&[&["--image", "tools.image"], words].concat())
    }
}

#[test]
fn what_was_imported_is_there_and_the_rest_of_the_package_too() {
    let place = Place::prepared();
    // The image has all that is needed of it.
    fs::remove_dir_all(place.path("site")).unwrap();
    fs::write(
        place.path("script.py"),
        "import sys\n\
         print(sorted(name for name in globals() if not name.startswith('__')), sys.argv)\n\
         print('tool' in sys.modules, 'decimal' in sys.modules)\n\
         import tool, tool.late\n\
         print(tool.loaded, open(tool.__path__[0] + '/data.txt').read())\n\
         import fast\n",
    )
    .unwrap();
    let site = place.path("site");
    let ended = place.with_image(&["script.py", "a"]);
    ended
        .with_status(1)
        .printing("['sys'] ['script.py', 'a']\nTrue True\n['tool', 'late'] data\n")
        .complaining(&[&format!(
            "fast is native code, which the sandbox does not run: {}/fast.abi3.so",
            site.display()
        )]);
}

#[test]
fn each_program_that_starts_from_an_image_is_alone() {
    let place = Place::new();
    place.prepare(&["--seed", "1", "-c", "import random, os, tempfile; tempfile.gettempdir()"]).well();
    let words = ["-c", "import random, sys, os; print(random.random(), sys.path[0], os.environ.get('K'))"];
    let (one, other) = (place.with_image(&words), place.with_image(&words));
    assert_ne!(one.well().stdout(), other.well().stdout());
    let fixed = ["--seed", "7", "--env", "K=v"];
    let fixed = || place.with_image(&[&fixed[..], &words].concat()).well().stdout().to_owned();
    assert_eq!(fixed(), fixed());
    assert!(fixed().ends_with("  v\n"), "{}", fixed());
}

#[test]
fn the_way_to_prepare_does_not_matter() {
    let place = Place::new();
    fs::create_dir(place.path("own")).unwrap();
    fs::write(place.path("own/neighbour.py"), "").unwrap();
    fs::write(
        place.path("own/ahead.py"),
        "import neighbour, fractions, atexit\natexit.register(print, 'bye')\n",
    )
    .unwrap();
    let after = "import sys; print('fractions' in sys.modules, [p for p in sys.path if 'own' in p], __name__, \
                 '__file__' in globals())";
    for words in
        [&["own/ahead.py"][..], &["--ro-dir", "own::/own", "--env", "PYTHONPATH=/own", "-m", "ahead"]]
    {
        place.prepare(words).well();
        let path = if words.len() == 1 { "[]" } else { "['/own']" };
        place.with_image(&["-c", after]).well().printing(&format!("True {path} __main__ False\nbye\n"));
    }
}

#[test]
fn an_image_can_be_made_from_another_one() {
    let place = Place::prepared();
    fs::create_dir(place.path("more")).unwrap();
    fs::write(place.path("more/further.py"), "import tool.late").unwrap();
    place
        .run(&["--image", "tools.image", "--prepare", "next.image", "--site", "more", "-c", "import further"])
        .well();
    fs::remove_dir_all(place.path("site")).unwrap();
    fs::remove_dir_all(place.path("more")).unwrap();
    let ended = place.run(&["--image", "next.image", "-c", "import sys; print(sys.modules['tool'].loaded)"]);
    ended.well().printing("['tool', 'late']\n");
}

#[test]
fn options_of_another_python_are_refused() {
    let place = Place::new();
    place.prepare(&["-O", "-c", "import json"]).well();
    place.with_image(&["-O", "-c", "print(__debug__)"]).well().printing("False\n");
    for words in [&["-c", "1"][..], &["-OO", "-c", "1"], &["--env", "PYTHONHASHSEED=1", "-O", "-c", "1"]] {
        place.with_image(words).refused(2, &["the image was prepared with other options"]);
    }
}

#[test]
fn a_program_that_fails_leaves_no_image() {
    let place = Place::new();
    let kept = || place.path("tools.image").exists();
    place.prepare(&["-c", "1 / 0"]).with_status(1).complaining(&["ZeroDivisionError", "nothing was kept"]);
    place.prepare(&["-c", "raise SystemExit"]).with_status(2).complaining(&["ended python itself"]);
    place
        .prepare(&["--timeout", "1", "-c", "while True: pass"])
        .with_status(102)
        .complaining(&["nothing was kept"]);
    place
        .prepare(&["-c", "import sys; sys.kept = open('/tmp/notes', 'w')"])
        .refused(2, &["left files open", "/tmp/notes"]);
    place
        .prepare(&["-c", "import os, sys; sys.kept = os.fdopen(os.dup(1))"])
        .refused(2, &["left files open"]);
    assert!(!kept());
    assert_eq!(fs::read_dir(place.path("")).unwrap().count(), 1);
    place.prepare(&["-c", "open('/tmp/notes', 'w').write('x')"]).well();
    assert!(kept());
}

#[test]
fn wrong_images_are_one_line() {
    let place = Place::prepared();
    place.with_image(&["-c", "1"]).well();
    fs::write(place.path("text"), "text").unwrap();
    for (name, why) in [("none", "No such file"), ("text", "not an image"), ("site", "not an image")] {
        place.run(&["--image", name, "-c", "1"]).refused(2, &["--image", name, why]);
    }
    place.run(&["--image", "/dev/zero", "-c", "1"]).refused(2, &["not an image"]);
    let whole = fs::read(place.path("tools.image")).unwrap();
    for at in [100, 1 << 16, whole.len() / 2, whole.len() - 1] {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x10;
        fs::write(place.path("damaged"), damaged).unwrap();
        place.run(&["--image", "damaged", "-c", "1"]).refused(2, &["--image damaged: the image is damaged"]);
    }
    fs::write(place.path("damaged"), &whole[..whole.len() - 1]).unwrap();
    place.run(&["--image", "damaged", "-c", "1"]).refused(2, &["the image is damaged"]);
    place.run(&["--prepare", "x"]).refused(2, &["--prepare needs a program"]);
    place.run(&["--prepare", "x", "--record", "r", "-c", "1"]).refused(2, &["--prepare does not go with"]);
    place.prepare(&["--prepare", "none/x", "-c", "1"]).refused(2, &["--prepare none/x"]);
    place.with_image(&["--max-memory", "1", "-c", "1"]).refused(2, &["--max-memory 1"]);
}

#[test]
fn a_recording_is_of_its_image() {
    let place = Place::prepared();
    let code = "import tool, random; print(tool.loaded, random.random())";
    place.with_image(&["--record", "r", "-c", code]).well();
    place.with_image(&["--replay", "r"]).well();
    place.run(&["--replay", "r"]).with_status(2).complaining(&["prepared"]);
}
