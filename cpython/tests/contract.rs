//! The shim's numbers and exports are those of the contract.

use std::fs;
use std::path::Path;

use python_wasm_contract::{export, host_call};

fn shim() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("shim");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| fs::read_to_string(path).unwrap()).collect()
}

/// The value of an enumerator in the shim's C.
fn number(shim: &str, name: &str) -> i32 {
    let after =
        shim.split(&format!("{name} = ")).nth(1).unwrap_or_else(|| panic!("{name} is not in the shim"));
    let digits = after.split(|letter: char| !letter.is_ascii_digit() && letter != '-').next().unwrap();
    digits.parse().unwrap()
}

#[test]
fn requests_of_the_host_have_the_same_numbers_on_both_sides() {
    let shim = shim();
    let numbers = [
        ("HOST_AGAIN", host_call::AGAIN),
        ("HOST_CWD", host_call::CWD),
        ("HOST_READLINE", host_call::READLINE),
        ("HOST_GRANT", host_call::GRANT),
        ("HOST_ENDED", host_call::ENDED),
        ("HOST_DUP", host_call::DUP),
        ("HOST_PAGE", host_call::PAGE),
        ("HOST_FUNCTION", host_call::FUNCTION),
        ("HOST_SET_LOCK", host_call::SET_LOCK),
        ("HOST_FIND_LOCK", host_call::FIND_LOCK),
        ("HOST_FLOCK", host_call::FLOCK),
        ("HOST_TERMINAL_SIZE", host_call::TERMINAL_SIZE),
        ("HOST_MODE", host_call::MODE),
        ("HOST_ACCESS", host_call::ACCESS),
        ("HOST_SET_MODE", host_call::SET_MODE),
        ("ACCESS_EXECUTE", host_call::ACCESS_EXECUTE.into()),
        ("ACCESS_WRITE", host_call::ACCESS_WRITE.into()),
        ("ACCESS_READ", host_call::ACCESS_READ.into()),
        ("GRANT_READ", host_call::GRANT_READ.into()),
        ("GRANT_WRITE", host_call::GRANT_WRITE.into()),
        ("ENDED_MEMORY", host_call::ENDED_MEMORY.into()),
        ("ENDED_DISK", host_call::ENDED_DISK.into()),
        ("READ_ANSWER", host_call::READ_ANSWER.into()),
        ("READ_SECRET", host_call::READ_SECRET.into()),
        ("HOST_EOF", host_call::EOF),
        ("HOST_INTERRUPTED", host_call::INTERRUPTED),
        ("HOST_UNAVAILABLE", host_call::UNAVAILABLE),
    ];
    for (name, expected) in numbers {
        assert_eq!(number(&shim, name), expected, "{name}");
    }
    let readline = Path::new(env!("CARGO_MANIFEST_DIR")).join("library/readline.py");
    let readline = fs::read_to_string(readline).unwrap();
    let [answer, completed, candidates] =
        [host_call::READ_ANSWER, host_call::READ_COMPLETED, host_call::READ_CANDIDATES];
    let modes = format!("_READ_CANDIDATES = b\"\\{answer}\", b\"\\{completed}\", b\"\\{candidates}\"\n");
    assert!(readline.contains(&modes), "{modes}");
    let [read, tab] = [host_call::LINE_READ, host_call::LINE_COMPLETED];
    let lines = format!("_LINE_COMPLETED = b\"\\{read}\", b\"\\{tab}\"\n");
    assert!(readline.contains(&lines), "{lines}");
    let import = format!("import_module(\"{}\"), import_name(\"{}\")", host_call::MODULE, host_call::NAME);
    assert!(shim.contains(&import), "{import}");
}

#[test]
fn the_shim_exports_what_the_contract_names() {
    let shim = shim();
    let names = [
        export::INITIALIZE,
        export::FREEZE,
        export::ADOPT,
        export::MAIN,
        export::RUN_MAIN,
        export::FINALIZE,
        export::INTERRUPT,
        export::FLUSH,
        export::GRANT,
        export::LIMIT_C_RECURSION,
        export::BUFFER,
        export::REQUEST,
    ];
    for name in names {
        assert!(shim.contains(&format!("EXPORT(\"{name}\")")), "{name}");
    }
}
