# Maps files into memory. Ends: raises ModuleNotFoundError
import mmap

mmap.mmap(-1, 1 << 40)
