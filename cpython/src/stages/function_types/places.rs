//! CPython's tables of functions, recognised by their shape, and the types that they demand.

use super::object::{Object, Place};

/// How many functions were compared, by the kind of their place: a kind with none is not looked at any more.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Checked {
    pub(super) methods: usize,
    pub(super) attributes: usize,
    pub(super) slots: usize,
    pub(super) types: usize,
    pub(super) modules: usize,
}

/// Types of functions as CPython's headers name them: a letter for each parameter, a colon, one for each
/// result. Pointers and `Py_ssize_t` are `i`.
mod ty {
    pub(super) const DESTRUCTOR: &str = "i:";
    pub(super) const UNARY: &str = "i:i";
    pub(super) const BINARY: &str = "ii:i";
    pub(super) const TERNARY: &str = "iii:i";
    pub(super) const RELEASE_BUFFER: &str = "ii:";
    pub(super) const VECTORCALL: &str = "iiii:i";
    pub(super) const METHOD: &str = "iiiii:i";
}
use ty::{BINARY, DESTRUCTOR, METHOD, RELEASE_BUFFER, TERNARY, UNARY, VECTORCALL};

/// Offsets in a `PyTypeObject` (Include/cpython/object.h).
const TYPE: [(u32, &str); 24] = [
    (24, DESTRUCTOR),  // tp_dealloc
    (32, BINARY),      // tp_getattr
    (36, TERNARY),     // tp_setattr
    (44, UNARY),       // tp_repr
    (60, UNARY),       // tp_hash
    (64, TERNARY),     // tp_call
    (68, UNARY),       // tp_str
    (72, BINARY),      // tp_getattro
    (76, TERNARY),     // tp_setattro
    (92, TERNARY),     // tp_traverse
    (96, UNARY),       // tp_clear
    (100, TERNARY),    // tp_richcompare
    (108, UNARY),      // tp_iter
    (112, UNARY),      // tp_iternext
    (136, TERNARY),    // tp_descr_get
    (140, TERNARY),    // tp_descr_set
    (148, TERNARY),    // tp_init
    (152, BINARY),     // tp_alloc
    (156, TERNARY),    // tp_new
    (160, DESTRUCTOR), // tp_free
    (164, UNARY),      // tp_is_gc
    (188, DESTRUCTOR), // tp_del
    (196, DESTRUCTOR), // tp_finalize
    (200, VECTORCALL), // tp_vectorcall
];
const NAME: u32 = 12;
const TYPE_SIZE: std::ops::RangeInclusive<u32> = 204..=216;

/// Where a type points to a table of more functions, and their types in order; "" stands for a slot that does not hold a function.
const SUITES: [(u32, &[&str]); 5] = [
    (40, &[UNARY, UNARY, UNARY, TERNARY]), // PyAsyncMethods
    (
        48, // PyNumberMethods
        &[
            BINARY, BINARY, BINARY, BINARY, BINARY, TERNARY, UNARY, UNARY, UNARY, UNARY, UNARY, BINARY,
            BINARY, BINARY, BINARY, BINARY, UNARY, "", UNARY, BINARY, BINARY, BINARY, BINARY, TERNARY,
            BINARY, BINARY, BINARY, BINARY, BINARY, BINARY, BINARY, BINARY, BINARY, UNARY, BINARY, BINARY,
        ],
    ),
    // PySequenceMethods
    (52, &[UNARY, BINARY, BINARY, BINARY, "", TERNARY, "", BINARY, BINARY, BINARY]),
    (56, &[UNARY, BINARY, TERNARY]),  // PyMappingMethods
    (80, &[TERNARY, RELEASE_BUFFER]), // PyBufferProcs
];

/// What `PyType_Slot` demands for each number (Include/typeslots.h); "" holds no function.
fn slot(number: u32) -> &'static str {
    match number {
        2 => RELEASE_BUFFER,
        1 | 3 | 20 | 33 | 39 | 50 | 54 | 55 | 60 | 65 | 67..=69 | 71 | 81 => TERNARY,
        52 | 53 | 74 | 80 => DESTRUCTOR,
        4 | 6 | 9 | 11 | 13 | 26 | 27 | 30 | 32 | 45 | 51 | 59 | 61..=63 | 66 | 70 | 77..=79 => UNARY,
        5..=47 | 57 | 58 | 75 | 76 => BINARY,
        _ => "",
    }
}

/// What the flags of a `PyMethodDef` demand (Include/methodobject.h); `None` if they are none.
fn method(flags: u32) -> Option<&'static str> {
    const CLASS_STATIC_COEXIST: u32 = 0x70;
    match flags & !CLASS_STATIC_COEXIST {
        0x1 | 0x4 | 0x8 => Some(BINARY), // VARARGS, NOARGS, O
        0x3 | 0x80 => Some(TERNARY),     // VARARGS | KEYWORDS, FASTCALL
        0x82 => Some(VECTORCALL),        // FASTCALL | KEYWORDS
        0x282 => Some(METHOD),           // METHOD | FASTCALL | KEYWORDS
        _ => None,
    }
}

/// A line for each function of an object that is not what its place demands.
pub(super) fn check(object: &Object<'_>, checked: &mut Checked) -> Vec<String> {
    let mut check = Check { object, wrong: Vec::new() };
    for (name, place) in object.data() {
        let methods = check.methods(name, place);
        checked.methods += methods;
        if methods > 0 {
            // A table of 13 methods is as large as a type.
            continue;
        }
        checked.attributes += check.attributes(name, place);
        checked.slots += check.spec(place);
        checked.types += check.static_type(name, place);
        checked.modules += check.module(name, place);
    }
    check.wrong
}

struct Check<'a> {
    object: &'a Object<'a>,
    wrong: Vec<String>,
}

impl Check<'_> {
    /// Compares the function at a place, if one is there.
    fn compare(&mut self, name: &str, what: &str, place: Option<Place>, wanted: &str) -> usize {
        let Some((function, found)) = place.and_then(|place| self.object.function(place)) else { return 0 };
        if wanted.is_empty() {
            return 0;
        }
        if found != wanted {
            self.wrong.push(format!("{function} has the type {found}, {name}{what} demands {wanted}"));
        }
        1
    }

    /// `PyMethodDef[]`: name, function, flags, documentation.
    fn methods(&mut self, name: &str, table: Place) -> usize {
        let object = self.object;
        let entries: Option<Vec<_>> = (0..table.size / 16)
            .filter_map(|index| table.at(index * 16))
            .take_while(|entry| object.points(*entry))
            .map(|entry| {
                let flags = entry.at(8).and_then(|place| object.number(place))?;
                object.function(entry.at(4)?)?;
                Some((entry, method(flags)?))
            })
            .collect();
        let entries = entries.unwrap_or_default();
        entries.iter().map(|(entry, wanted)| self.compare(name, "[]", entry.at(4), wanted)).sum()
    }

    /// `PyGetSetDef[]`: name, getter, setter, documentation, closure.
    fn attributes(&mut self, name: &str, table: Place) -> usize {
        let object = self.object;
        let is_entry = |entry: &Place| {
            let function_or_null = |offset| {
                entry
                    .at(offset)
                    .is_some_and(|place| object.function(place).is_some() || object.number(place) == Some(0))
            };
            object.points(*entry) && function_or_null(4) && function_or_null(8)
        };
        if !table.size.is_multiple_of(20) {
            return 0;
        }
        let entries: Vec<_> =
            (0..table.size / 20).filter_map(|index| table.at(index * 20)).take_while(is_entry).collect();
        let mut count = 0;
        for entry in entries {
            count += self.compare(name, "[].get", entry.at(4), BINARY);
            count += self.compare(name, "[].set", entry.at(8), TERNARY);
        }
        count
    }

    /// `PyType_Spec`: name, three numbers, slots.
    fn spec(&mut self, spec: Place) -> usize {
        let numbers =
            || [4, 8, 12].iter().all(|at| spec.at(*at).is_some_and(|at| self.object.number(at).is_some()));
        if spec.size != 20 || !self.object.points(spec) || !numbers() {
            return 0;
        }
        let Some((name, slots)) = spec.at(16).and_then(|at| self.object.target(at)) else { return 0 };
        let mut count = 0;
        for entry in (0..slots.size / 8).filter_map(|index| slots.at(index * 8)) {
            let number = self.object.number(entry).unwrap_or(0);
            count += self.compare(name, &format!("[{number}]"), entry.at(4), slot(number));
        }
        count
    }

    /// A `PyTypeObject` that is not made at run time, and the tables that it points to.
    fn static_type(&mut self, name: &str, ty: Place) -> usize {
        if !TYPE_SIZE.contains(&ty.size) || !ty.at(NAME).is_some_and(|at| self.object.points(at)) {
            return 0;
        }
        let mut count = 0;
        for (offset, wanted) in TYPE {
            count += self.compare(name, &format!(" + {offset}"), ty.at(offset), wanted);
        }
        for (offset, functions) in SUITES {
            let Some((name, suite)) = ty.at(offset).and_then(|at| self.object.target(at)) else { continue };
            for (wanted, offset) in functions.iter().zip((0..).step_by(4)) {
                count += self.compare(name, &format!(" + {offset}"), suite.at(offset), wanted);
            }
        }
        count
    }

    /// `PyModuleDef`, and its `PyModuleDef_Slot[]`.
    fn module(&mut self, name: &str, module: Place) -> usize {
        if module.size != 52 || !module.at(20).is_some_and(|at| self.object.points(at)) {
            return 0;
        }
        let mut count = self.compare(name, ".m_traverse", module.at(40), TERNARY);
        count += self.compare(name, ".m_clear", module.at(44), UNARY);
        count += self.compare(name, ".m_free", module.at(48), DESTRUCTOR);
        let Some((name, slots)) = module.at(36).and_then(|at| self.object.target(at)) else { return count };
        for entry in (0..slots.size / 8).filter_map(|index| slots.at(index * 8)) {
            let wanted = match self.object.number(entry) {
                Some(1) => BINARY, // Py_mod_create
                Some(2) => UNARY,  // Py_mod_exec
                _ => "",
            };
            count += self.compare(name, "[]", entry.at(4), wanted);
        }
        count
    }
}
