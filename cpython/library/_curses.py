"""The C part of curses: constants, and functions that raise curses.error, because there is no terminal to draw on.

WASI cannot change a terminal's modes, so no key can be read as it is pressed.
"""


class error(Exception):
    __module__ = "_curses"


version = __version__ = b"2.2"

ERR, OK = -1, 0
A_NORMAL, A_CHARTEXT, A_COLOR, A_STANDOUT, A_UNDERLINE = 0, 255, 0xff00, 0x10000, 0x20000
A_REVERSE, A_BLINK, A_DIM, A_BOLD, A_ALTCHARSET = 0x40000, 0x80000, 0x100000, 0x200000, 0x400000
A_INVIS, A_PROTECT, A_HORIZONTAL, A_LEFT, A_LOW = 0x800000, 0x1000000, 0x2000000, 0x4000000, 0x8000000
A_RIGHT, A_TOP, A_VERTICAL, A_ITALIC = 0x10000000, 0x20000000, 0x40000000, 0x80000000
A_ATTRIBUTES = 0xffffff00
BUTTON1_RELEASED, BUTTON1_PRESSED, BUTTON1_CLICKED, BUTTON1_DOUBLE_CLICKED = 1, 2, 4, 8
BUTTON1_TRIPLE_CLICKED, BUTTON2_RELEASED, BUTTON2_PRESSED, BUTTON2_CLICKED = 16, 32, 64, 128
BUTTON2_DOUBLE_CLICKED, BUTTON2_TRIPLE_CLICKED, BUTTON3_RELEASED, BUTTON3_PRESSED = 256, 512, 1024, 2048
BUTTON3_CLICKED, BUTTON3_DOUBLE_CLICKED, BUTTON3_TRIPLE_CLICKED = 4096, 0x2000, 0x4000
BUTTON4_RELEASED, BUTTON4_PRESSED, BUTTON4_CLICKED = 0x8000, 0x10000, 0x20000
BUTTON4_DOUBLE_CLICKED, BUTTON4_TRIPLE_CLICKED, BUTTON5_RELEASED = 0x40000, 0x80000, 0x100000
BUTTON5_PRESSED, BUTTON5_CLICKED, BUTTON5_DOUBLE_CLICKED = 0x200000, 0x400000, 0x800000
BUTTON5_TRIPLE_CLICKED, BUTTON_CTRL, BUTTON_SHIFT = 0x1000000, 0x2000000, 0x4000000
BUTTON_ALT, ALL_MOUSE_EVENTS, REPORT_MOUSE_POSITION = 0x8000000, 0xfffffff, 0x10000000
COLOR_BLACK, COLOR_RED, COLOR_GREEN, COLOR_YELLOW, COLOR_BLUE, COLOR_MAGENTA = 0, 1, 2, 3, 4, 5
COLOR_CYAN, COLOR_WHITE = 6, 7

for _first, _names in (
    (257, "BREAK DOWN UP LEFT RIGHT HOME BACKSPACE"),
    (264, " ".join(f"F{number}" for number in range(64))),
    (328, """
        DL IL DC IC EIC CLEAR EOS EOL SF SR NPAGE PPAGE STAB CTAB CATAB ENTER SRESET RESET PRINT
        LL A1 A3 B2 C1 C3 BTAB BEG CANCEL CLOSE COMMAND COPY CREATE END EXIT FIND HELP MARK
        MESSAGE MOVE NEXT OPEN OPTIONS PREVIOUS REDO REFERENCE REFRESH REPLACE RESTART RESUME
        SAVE SBEG SCANCEL SCOMMAND SCOPY SCREATE SDC SDL SELECT SEND SEOL SEXIT SFIND SHELP
        SHOME SIC SLEFT SMESSAGE SMOVE SNEXT SOPTIONS SPREVIOUS SPRINT SREDO SREPLACE SRIGHT
        SRSUME SSAVE SSUSPEND SUNDO SUSPEND UNDO MOUSE RESIZE
    """),
):
    for _number, _name in enumerate(_names.split(), _first):
        globals()["KEY_" + _name] = _number
KEY_MIN, KEY_MAX = 257, 511


def _refusing(name):
    def function(*args, **kwargs):
        raise error("curses cannot use the terminal from the WASI sandbox")
    function.__name__ = function.__qualname__ = name
    return function


for _name in """
    baudrate beep can_change_color cbreak color_content color_pair curs_set def_prog_mode
    def_shell_mode delay_output doupdate echo endwin erasechar filter flash flushinp get_escdelay
    get_tabsize getmouse getsyx getwin halfdelay has_colors has_extended_color_support has_ic has_il
    has_key init_color init_pair initscr intrflush is_term_resized isendwin keyname killchar
    longname meta mouseinterval mousemask napms newpad newwin nl nocbreak noecho nonl noqiflush
    noraw pair_content pair_number putp qiflush raw reset_prog_mode reset_shell_mode resetty
    resize_term resizeterm savetty set_escdelay set_tabsize setsyx setupterm start_color termattrs
    termname tigetflag tigetnum tigetstr tparm typeahead unctrl unget_wch ungetch ungetmouse
    update_lines_cols use_default_colors use_env
""".split():
    globals()[_name] = _refusing(_name)
del _first, _names, _number, _name


class window:
    """A window: initscr() makes the first one, so there is none."""

    def __new__(cls, *args, **kwargs):
        raise TypeError("cannot create '_curses.window' instances")
