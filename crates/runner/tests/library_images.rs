//! Prepared images: from the program that makes one to sandboxes that start from it.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::thread;

use python_wasm::{Engine, Error, Image, Limits, Mount, Python};
use tempfile::{TempDir, tempdir};

const ENGINES: [Engine; 2] = [Engine::Wasmi, Engine::Native];

fn available() -> impl Iterator<Item = Engine> {
    ENGINES.into_iter().filter(|engine| engine.is_available())
}

/// A folder with a package in it, of which a part is imported late.
fn site() -> TempDir {
    let site = tempdir().unwrap();
    fs::create_dir(site.path().join("tool")).unwrap();
    fs::write(site.path().join("tool/__init__.py"), "state = ['made']").unwrap();
    fs::write(site.path().join("tool/late.py"), "from tool import state; state.append('late')").unwrap();
    site
}

fn image() -> Image {
    Python::builder().site(site().path()).prepare("import tool; left = 1").unwrap()
}

#[test]
fn each_engine_starts_from_what_the_other_has_prepared() {
    for maker in available() {
        let image = Python::builder().engine(maker).site(site().path()).prepare("import tool").unwrap();
        assert_eq!(image.sites().collect::<Vec<_>>(), ["/site"]);
        for user in available() {
            let mut py = Python::builder().engine(user).image(&image).build().unwrap();
            py.exec("import sys; assert 'tool' in sys.modules; import tool.late").unwrap();
            assert_eq!(py.eval::<Vec<String>>("tool.state").unwrap(), ["made", "late"]);
        }
    }
}

#[test]
fn sandboxes_of_one_image_see_nothing_of_each_other() {
    let image = image();
    let one = |number: i64| {
        let mut py = Python::builder().image(&image).build().unwrap();
        py.set("number", &number).unwrap();
        py.exec("import tool; tool.state.append(number)").unwrap();
        assert!(py.eval::<bool>("'left' not in globals()").unwrap());
        py.eval::<Vec<serde_json::Value>>("tool.state").unwrap()
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|number| scope.spawn(move || (number, one(number)))).collect();
        for thread in threads {
            let (number, state) = thread.join().unwrap();
            assert_eq!(state, [serde_json::json!("made"), serde_json::json!(number)]);
        }
    });
}

#[test]
fn randomness_is_each_sandbox_s_own() {
    let image = Python::builder().seed(1).prepare("import random").unwrap();
    let draw = |seed: Option<u64>| {
        let builder = Python::builder().image(&image);
        let builder = if let Some(seed) = seed { builder.seed(seed) } else { builder };
        builder.build().unwrap().eval::<String>("repr(__import__('random').random())").unwrap()
    };
    assert_ne!(draw(None), draw(None));
    assert_eq!(draw(Some(7)), draw(Some(7)));
}

#[test]
fn it_is_the_same_after_it_was_kept_in_a_file() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("tools.image");
    image().save(&path).unwrap();
    for mode in [0o644, 0o666] {
        // The second may be written by others, so it is copied.
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        let image = Image::load(&path).unwrap();
        assert_eq!(image.size() as u64, fs::metadata(&path).unwrap().len());
        let mut py = Python::builder().image(&image).build().unwrap();
        py.exec("import tool.late").unwrap();
    }
    // Who has it open keeps it when it is replaced.
    let image = Image::load(&path).unwrap();
    Python::builder().prepare("import json").unwrap().save(&path).unwrap();
    Python::builder().image(&image).build().unwrap().exec("import tool.late").unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn sandboxes_that_started_from_an_image_are_forked_and_saved() {
    let image = image();
    let mut py = Python::builder().image(&image).build().unwrap();
    py.exec("import tool; tool.state.append('here')").unwrap();
    let snapshot = py.snapshot().unwrap();
    // The image itself is none of it.
    assert!(snapshot.size() < 1 << 20, "{}", snapshot.size());
    let mut fork = snapshot.spawn().unwrap();
    fork.exec("import tool.late").unwrap();
    assert_eq!(fork.eval::<Vec<String>>("tool.state").unwrap(), ["made", "here", "late"]);
    let bytes = snapshot.to_bytes().unwrap();
    let mut resumed = Python::builder().image(&image).resume_bytes(&bytes).unwrap();
    resumed.exec("import tool.late").unwrap();
    assert_eq!(resumed.eval::<Vec<String>>("tool.state").unwrap(), ["made", "here", "late"]);
    let refused = Python::builder().resume_bytes(&bytes).unwrap_err();
    assert!(matches!(&refused, Error::Snapshot { message, .. } if message.contains("/site")), "{refused:?}");
}

#[test]
fn what_does_not_fit_is_said() {
    let image = image();
    let config = |result: Result<(), Error>, part: &str| match result.unwrap_err() {
        Error::Config { message, .. } => assert!(message.contains(part), "{message}"),
        error => panic!("{error:?}"),
    };
    let (site, add) = (site(), |x: i64| Ok::<_, String>(x));
    config(Python::builder().site(site.path()).image(&image).build().map(drop), "give the image first");
    config(Python::builder().function("f", add).prepare("").map(drop), "functions do not fit");
    let snapshot = Python::builder().build().unwrap().snapshot().unwrap();
    config(snapshot.builder().image(&image).spawn().map(drop), "does not fit a snapshot");
    config(snapshot.builder().prepare("").map(drop), "cannot be prepared from a snapshot");
    let mut other = Python::builder().image(&image).env("PYTHONOPTIMIZE", "1").build().unwrap();
    config(other.exec("").map(drop), "prepared with other options");
    let small = Limits::default().memory(1 << 20);
    let refused = Python::builder().image(&image).limits(small).build().unwrap_err();
    assert!(matches!(refused, Error::MemoryLimit { .. }), "{refused:?}");

    let mut builder =
        Python::builder().image(&image).site(site.path()).mount("/m", Mount::memory()).build().unwrap();
    assert_eq!(builder.eval::<i64>("sum(p.startswith('/site') for p in __import__('sys').path)").unwrap(), 2);
}

#[test]
fn a_program_that_fails_is_no_image() {
    let refused = Python::builder().prepare("1 / 0").unwrap_err();
    assert!(refused.is_exception("ZeroDivisionError"));
    let open = "import sys; sys.notes = open('/tmp/notes', 'w')";
    match Python::builder().prepare(open).unwrap_err() {
        Error::Snapshot { message, .. } => assert!(message.contains("/tmp/notes"), "{message}"),
        error => panic!("{error:?}"),
    }
    assert!(matches!(Python::builder().prepare("raise SystemExit(3)").unwrap_err(), Error::Exit(3)));
}
