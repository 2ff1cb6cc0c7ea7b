//! `python-wasm` in a process where no page can become executable any more, as on a locked-down machine.
//!
//! The kernel has two locks. `PR_SET_MDWE` ([PR_SET_MDWE(2const)]) refuses to make memory executable, and a seccomp
//! filter kills the process for trying. A dynamic linker has to map executable pages, so the filter is set after
//! it has run, in this program. `JAILED_PROGRAM` names another program to run, under the first lock alone.
//!
//! [PR_SET_MDWE(2const)]: https://man7.org/linux/man-pages/man2/PR_SET_MDWE.2const.html

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    use std::os::unix::process::CommandExt;
    use std::{env, process};

    jail::refuse_new_code();
    if let Some(program) = env::var_os("JAILED_PROGRAM") {
        let error = process::Command::new(&program).args(env::args_os().skip(1)).exec();
        panic!("{} does not start: {error}", program.display());
    }
    jail::kill_for_asking();
    python_wasm::cli::main()
}

#[cfg(not(target_os = "linux"))]
fn main() -> std::process::ExitCode {
    panic!("only Linux has such locks");
}

#[cfg(target_os = "linux")]
mod jail {
    use std::collections::BTreeMap;
    use std::env::consts::ARCH;
    use std::io::Error;

    use seccompiler::SeccompCmpArgLen::Dword;
    use seccompiler::SeccompCmpOp::MaskedEq;
    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCondition, SeccompFilter, SeccompRule, apply_filter,
    };

    pub(super) fn refuse_new_code() {
        let gain = libc::c_ulong::from(libc::PR_MDWE_REFUSE_EXEC_GAIN);
        #[expect(unsafe_code, reason = "no crate wraps this call; it takes numbers and touches no memory")]
        // SAFETY: the call takes numbers and touches no memory.
        let set = unsafe { libc::prctl(libc::PR_SET_MDWE, gain, 0, 0, 0) };
        assert_eq!(set, 0, "PR_SET_MDWE (Linux 6.3): {}", Error::last_os_error());
    }

    pub(super) fn kill_for_asking() {
        let executable = libc::PROT_EXEC as u64;
        let asked = || SeccompCondition::new(2, Dword, MaskedEq(executable), executable).unwrap();
        let rules = [libc::SYS_mmap, libc::SYS_mprotect, libc::SYS_pkey_mprotect]
            .map(|call| (call, vec![SeccompRule::new(vec![asked()]).unwrap()]));
        let filter = SeccompFilter::new(
            BTreeMap::from(rules),
            SeccompAction::Allow,
            SeccompAction::KillProcess,
            ARCH.try_into().unwrap(),
        );
        let program: BpfProgram = filter.unwrap().try_into().unwrap();
        apply_filter(&program).unwrap();
    }
}
