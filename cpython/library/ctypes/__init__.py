"""ctypes without libraries: the C types, their sizes and their values.

There is nothing to load inside WebAssembly, and no memory but Python's own to
point at. What works is what programs ask at import time: which types there
are, how large they are, how they wrap their values. Loading a library, or
making a pointer, an array or a structure, raises NotImplementedError.
"""

import struct as _struct
from types import GenericAlias as _GenericAlias

__version__ = "1.1.0"

DEFAULT_MODE = RTLD_LOCAL = 0
RTLD_GLOBAL = 256
SIZEOF_TIME_T = 8


class ArgumentError(Exception):
    pass


def _refuse(what):
    raise NotImplementedError(f"ctypes cannot {what} in the WASI sandbox")


class _CData:
    _size_ = 0
    _align_ = 1

    def __new__(cls, *args, **kwargs):
        _refuse(f"make a {cls.__name__}")

    @classmethod
    def from_param(cls, value):
        return value if isinstance(value, cls) else cls(value)

    @classmethod
    def from_address(cls, address):
        _refuse("read memory by its address")

    from_buffer = from_buffer_copy = in_dll = from_address


class _Type(type):
    """The type of all C types: `c_int * 3` is an array type."""

    def __mul__(cls, length):
        if length < 0:
            raise ValueError(f"Array length must be >= 0, not {length}")
        name = f"{cls.__name__}_Array_{length}"
        return _Type(name, (Array,), {"_type_": cls, "_length_": length,
                                      "_size_": cls._size_ * length,
                                      "_align_": cls._align_})

    __rmul__ = __mul__


class _SimpleCData(_CData, metaclass=_Type):
    """A number, character or flag; `_type_` is struct's code for it."""

    _type_ = None

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        code = cls.__dict__.get("_type_")
        if code is not None:
            cls._size_ = cls._align_ = _struct.calcsize(_STRUCT.get(code, code))

    def __new__(cls, *args):
        return object.__new__(cls)

    def __init__(self, value=None):
        self.value = self._zero() if value is None else value

    def _zero(self):
        return _convert(self._type_, 0)

    @property
    def value(self):
        return self._value

    @value.setter
    def value(self, value):
        self._value = _convert(self._type_, value)

    def __bool__(self):
        return self._value not in (0, b"\0", "\0", False, None)

    def __repr__(self):
        return f"{type(self).__name__}({self._value!r})"


# ctypes' codes that struct writes in another way. Long double is IEEE quadruple
# in this ABI: 16 bytes, which Python only sees rounded to a double.
_STRUCT = {"u": "i", "g": "2d", "z": "P", "Z": "P", "O": "P", "v": "h"}
_INTEGERS = "bBhHiIlLqQ"


def _convert(code, value):
    """The value as a variable of that type would hold it."""
    if code in _INTEGERS:
        if isinstance(value, float) or not hasattr(value, "__index__"):
            raise TypeError(f"an integer is required (got type {type(value).__name__})"
                            if not isinstance(value, float) else
                            "int expected instead of float instance")
        bits = 8 * _struct.calcsize(code)
        value = value.__index__() & ((1 << bits) - 1)
        return value - (1 << bits) if code.islower() and value >> (bits - 1) else value
    if code == "?":
        return bool(value)
    if code in "dfg":
        return _struct.unpack("f", _struct.pack("f", value))[0] if code == "f" else float(value)
    if code == "c":
        value = b"\0" if value == 0 else bytes([value]) if isinstance(value, int) else value
        if isinstance(value, (bytes, bytearray)) and len(value) == 1:
            return bytes(value)
        raise TypeError("one character bytes, bytearray, or an integer in range(256) expected")
    if code == "u":
        value = "\0" if value == 0 else value
        if isinstance(value, str) and len(value) == 1:
            return value
        raise TypeError("a unicode character expected")
    if code == "v":
        return -1 if value else 0
    if code == "O":
        return value
    # What is left are pointers: null, or nothing that could be pointed at.
    if value is None or (isinstance(value, int) and value == 0):
        return None
    if code == "P" and isinstance(value, int):
        return value & 0xFFFF_FFFF
    _refuse("point at memory")


class c_bool(_SimpleCData): _type_ = "?"
class c_char(_SimpleCData): _type_ = "c"
class c_wchar(_SimpleCData): _type_ = "u"
class c_byte(_SimpleCData): _type_ = "b"
class c_ubyte(_SimpleCData): _type_ = "B"
class c_short(_SimpleCData): _type_ = "h"
class c_ushort(_SimpleCData): _type_ = "H"
class c_long(_SimpleCData): _type_ = "l"
class c_ulong(_SimpleCData): _type_ = "L"
class c_longlong(_SimpleCData): _type_ = "q"
class c_ulonglong(_SimpleCData): _type_ = "Q"
class c_float(_SimpleCData): _type_ = "f"
class c_double(_SimpleCData): _type_ = "d"
class c_longdouble(_SimpleCData): _type_ = "g"
class c_void_p(_SimpleCData): _type_ = "P"
class c_char_p(_SimpleCData): _type_ = "z"
class c_wchar_p(_SimpleCData): _type_ = "Z"
class py_object(_SimpleCData): _type_ = "O"

# int is as long as long, so it is the same type: as in ctypes itself.
c_int, c_uint = c_long, c_ulong
c_voidp = c_void_p
c_int8, c_uint8 = c_byte, c_ubyte
c_int16, c_uint16 = c_short, c_ushort
c_int32, c_uint32 = c_int, c_uint
c_int64, c_uint64 = c_longlong, c_ulonglong
c_size_t, c_ssize_t = c_ulong, c_long
c_time_t = c_int64


class Array(_CData, metaclass=_Type):
    __class_getitem__ = classmethod(_GenericAlias)


class _Pointer(_CData, metaclass=_Type):
    _size_ = _align_ = 4


class _Aggregate(_Type):
    """Computes the size of a structure or union when `_fields_` is set."""

    def __new__(metacls, name, bases, namespace):
        cls = super().__new__(metacls, name, bases, namespace)
        if "_fields_" in namespace:
            cls._lay_out()
        return cls

    def __setattr__(cls, name, value):
        super().__setattr__(name, value)
        if name == "_fields_":
            cls._lay_out()

    def _lay_out(cls):
        size = 0 if cls._overlap_ else cls.__base__._size_
        align = cls.__base__._align_
        pack = cls.__dict__.get("_pack_", 16)
        for _, kind, *bits in cls._fields_:
            if bits:
                cls._size_ = None
                return
            step = min(kind._align_, pack)
            align = max(align, step)
            if cls._overlap_:
                size = max(size, kind._size_)
            else:
                size += -size % step + kind._size_
        cls._size_, cls._align_ = size + -size % align, align


class Structure(_CData, metaclass=_Aggregate):
    _overlap_ = False


class Union(_CData, metaclass=_Aggregate):
    _overlap_ = True


LittleEndianStructure = BigEndianStructure = Structure
LittleEndianUnion = BigEndianUnion = Union


def sizeof(kind):
    """The size in bytes of a C type or of one of its values."""
    size = getattr(kind, "_size_", 0) if isinstance(kind, (_Type, _CData)) else 0
    if size is None:
        _refuse("lay out bit fields")
    if not isinstance(kind, (_Type, _CData)):
        raise TypeError("this type has no size")
    return size


def alignment(kind):
    """The alignment in bytes of a C type or of one of its values."""
    if not isinstance(kind, (_Type, _CData)):
        raise TypeError("no alignment info")
    return kind._align_


_pointers = {}


def POINTER(kind):
    """The type of pointers to `kind`."""
    if kind is None:
        return c_void_p
    if kind not in _pointers:
        name = kind if isinstance(kind, str) else kind.__name__
        _pointers[kind] = _Type(f"LP_{name}", (_Pointer,), {"_type_": kind})
    return _pointers[kind]


class _CFuncPtr(_CData, metaclass=_Type):
    _size_ = _align_ = 4


def CFUNCTYPE(restype, *argtypes, use_errno=False, use_last_error=False):
    """The type of pointers to such functions."""
    return _Type("CFunctionType", (_CFuncPtr,), {"_restype_": restype, "_argtypes_": argtypes})


PYFUNCTYPE = CFUNCTYPE


def _refusing(what):
    def function(*args, **kwargs):
        _refuse(what)
    return function


pointer = byref = addressof = _refusing("take the address of a value")
cast = resize = _refusing("point at memory")
create_string_buffer = create_unicode_buffer = _refusing("make a buffer")
string_at = wstring_at = memmove = memset = _refusing("read memory by its address")


def get_errno():
    return 0


def set_errno(value):
    return 0


class CDLL:
    """A shared library: cannot be loaded. An OSError, as for one that is missing."""

    def __init__(self, name, *args, **kwargs):
        raise OSError(f"{name}: no library can be loaded in the WASI sandbox")


PyDLL = CDLL


class LibraryLoader:
    __class_getitem__ = classmethod(_GenericAlias)

    def __init__(self, dlltype):
        self._dlltype = dlltype

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return self._dlltype(name)

    def __getitem__(self, name):
        return self._dlltype(name)

    def LoadLibrary(self, name):
        return self._dlltype(name)


cdll = LibraryLoader(CDLL)
pydll = LibraryLoader(PyDLL)


def __getattr__(name):
    # Programs that do without it ask whether it is there, for PyPy's sake.
    why = ": no C function can be called in the WASI sandbox" if name == "pythonapi" else ""
    raise AttributeError(f"module 'ctypes' has no attribute {name!r}{why}")
