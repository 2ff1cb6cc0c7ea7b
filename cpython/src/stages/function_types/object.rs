//! An object file as its linker sees it: data with names, and what stands where an address will be.
//!
//! <https://github.com/WebAssembly/tool-conventions/blob/main/Linking.md>

use std::collections::BTreeMap;

use wasmparser::{
    BinaryReaderError, DataSectionReader, KnownCustom, Linking, Parser, Payload, RelocationType, SymbolInfo,
    TypeRef, ValType,
};

/// What was read of it.
#[derive(Debug, Default)]
pub(super) struct Object<'a> {
    /// Of each type: a letter for each parameter, a colon, one for each result.
    types: Vec<String>,
    /// The type of each function, imported ones first.
    functions: Vec<u32>,
    segments: Vec<&'a [u8]>,
    symbols: Vec<Symbol<'a>>,
    /// By segment and offset.
    addresses: BTreeMap<(u32, u32), Address>,
}

/// What a relocation may name.
#[derive(Debug)]
enum Symbol<'a> {
    Function { name: &'a str, index: u32 },
    Data { name: &'a str, place: Option<Place> },
    Other,
}

/// What the linker writes at some place.
#[derive(Clone, Copy, Debug)]
enum Address {
    Function(u32),
    Data { symbol: u32, addend: i64 },
}

/// Where a named piece of data is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    segment: u32,
    offset: u32,
    pub(super) size: u32,
}

impl Place {
    /// The piece that begins `offset` bytes later; `None` past its end.
    pub(super) fn at(self, offset: u32) -> Option<Self> {
        let size = self.size.checked_sub(offset)?;
        Some(Self { offset: self.offset + offset, size, ..self })
    }
}

impl<'a> Object<'a> {
    /// Reads an object file.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, BinaryReaderError> {
        let mut object = Self::default();
        let (mut number, mut data) = (0, None);
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload?;
            match &payload {
                Payload::TypeSection(types) => {
                    for ty in types.clone().into_iter_err_on_gc_types() {
                        let ty = ty?;
                        let letters =
                            |types: &[ValType]| types.iter().copied().map(letter).collect::<String>();
                        object.types.push(format!("{}:{}", letters(ty.params()), letters(ty.results())));
                    }
                }
                Payload::ImportSection(imports) => {
                    for import in imports.clone().into_imports() {
                        if let TypeRef::Func(ty) = import?.ty {
                            object.functions.push(ty);
                        }
                    }
                }
                Payload::FunctionSection(functions) => {
                    for ty in functions.clone() {
                        object.functions.push(ty?);
                    }
                }
                Payload::DataSection(section) => data = Some((number, object.read_data(section)?)),
                Payload::CustomSection(section) => match section.as_known() {
                    KnownCustom::Linking(linking) => {
                        for subsection in linking.subsections() {
                            if let Linking::SymbolTable(symbols) = subsection? {
                                for symbol in symbols {
                                    object.symbols.push(read_symbol(symbol?));
                                }
                            }
                        }
                    }
                    KnownCustom::Reloc(relocations) => {
                        if let Some((_, starts)) =
                            data.as_ref().filter(|(at, _)| *at == relocations.section_index())
                        {
                            for entry in relocations.entries() {
                                let entry = entry?;
                                let address = match entry.ty {
                                    RelocationType::TableIndexI32 => Address::Function(entry.index),
                                    RelocationType::MemoryAddrI32 => {
                                        Address::Data { symbol: entry.index, addend: entry.addend }
                                    }
                                    _ => continue,
                                };
                                object.addresses.insert(place_of(starts, entry.offset), address);
                            }
                        }
                    }
                    _ => {}
                },
                _ => {}
            }
            number += u32::from(payload.as_section().is_some());
        }
        Ok(object)
    }

    /// Keeps the segments. Returns where the bytes of each begin in the section.
    fn read_data(&mut self, section: &DataSectionReader<'a>) -> Result<Vec<u32>, BinaryReaderError> {
        let mut starts = Vec::new();
        for segment in section.clone() {
            let segment = segment?;
            let start = segment.range.end - segment.data.len() - section.range().start;
            starts.push(u32::try_from(start).unwrap_or(u32::MAX));
            self.segments.push(segment.data);
        }
        Ok(starts)
    }

    /// The names and places of all data that is defined here.
    pub(super) fn data(&self) -> impl Iterator<Item = (&'a str, Place)> + '_ {
        self.symbols.iter().filter_map(|symbol| match symbol {
            Symbol::Data { name, place: Some(place) } => Some((*name, *place)),
            _ => None,
        })
    }

    /// The number at the beginning of a place that holds no address.
    pub(super) fn number(&self, place: Place) -> Option<u32> {
        if self.addresses.contains_key(&(place.segment, place.offset)) {
            return None;
        }
        let bytes = self.segments.get(place.segment as usize)?.get(place.offset as usize..)?;
        Some(u32::from_le_bytes(bytes.first_chunk().copied()?))
    }

    /// Whether an address of data is at the beginning of a place.
    pub(super) fn points(&self, place: Place) -> bool {
        matches!(self.addresses.get(&(place.segment, place.offset)), Some(Address::Data { .. }))
    }

    /// The name and the place of the data whose address it is.
    pub(super) fn target(&self, place: Place) -> Option<(&'a str, Place)> {
        let Address::Data { symbol, addend: 0 } = self.addresses.get(&(place.segment, place.offset))? else {
            return None;
        };
        match self.symbols.get(*symbol as usize)? {
            Symbol::Data { name, place } => Some((name, (*place)?)),
            _ => None,
        }
    }

    /// The name and the type of the function whose address is at the beginning of a place.
    pub(super) fn function(&self, place: Place) -> Option<(&'a str, &str)> {
        let Address::Function(symbol) = self.addresses.get(&(place.segment, place.offset))? else {
            return None;
        };
        let Symbol::Function { name, index } = self.symbols.get(*symbol as usize)? else { return None };
        let ty = self.functions.get(*index as usize)?;
        Some((name, self.types.get(*ty as usize)?))
    }
}

fn letter(ty: ValType) -> char {
    match ty {
        ValType::I32 => 'i',
        ValType::I64 => 'l',
        ValType::F32 => 'f',
        ValType::F64 => 'd',
        _ => '?',
    }
}

fn read_symbol(symbol: SymbolInfo<'_>) -> Symbol<'_> {
    match symbol {
        SymbolInfo::Func { index, name, .. } => {
            Symbol::Function { name: name.unwrap_or("(imported)"), index }
        }
        SymbolInfo::Data { name, symbol, .. } => Symbol::Data {
            name,
            place: symbol.map(|data| Place { segment: data.index, offset: data.offset, size: data.size }),
        },
        _ => Symbol::Other,
    }
}

/// The segment and the offset in it of an offset in the section.
fn place_of(starts: &[u32], offset: u32) -> (u32, u32) {
    let segment = starts.partition_point(|start| *start <= offset).saturating_sub(1);
    (
        u32::try_from(segment).unwrap_or(u32::MAX),
        offset - starts.get(segment).copied().unwrap_or(0).min(offset),
    )
}
