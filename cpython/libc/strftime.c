// strftime and wcsftime of the C locale, with the directives, flags and widths of glibc.
//
// musl's give up at a directive that they do not know, and return no text at all. Here,
// as in glibc, it stands for itself:
// https://www.gnu.org/software/libc/manual/html_node/Formatting-Calendar-Time.html

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

// Where the text goes: one of the two pointers. `length` counts past `room`, too.
struct text {
    char *narrow;
    wchar_t *wide;
    size_t room, length;
};

// What stands between '%' and the letter.
struct directive {
    char pad;             // '_', '-' or '0'; 0 for the letter's own
    bool upper, lower;    // the case of what is printed
    bool change;          // '#'
    char modifier;        // 'E', 'O' or 0
    size_t width;
};

static void put(struct text *text, wchar_t character) {
    if (text->length < text->room) {
        if (text->narrow != NULL) {
            text->narrow[text->length] = (char)character;
        }
        else {
            text->wide[text->length] = character;
        }
    }
    text->length++;
}

static void fill(struct text *text, wchar_t character, size_t count) {
    // No caller has room for as much as a width can ask for.
    for (size_t i = 0; i < count && text->length <= text->room; i++) {
        put(text, character);
    }
}

static void string(struct text *text, const struct directive *how, const char *letters, size_t length) {
    if (how->width > length) {
        fill(text, how->pad == '0' ? '0' : ' ', how->width - length);
    }
    for (size_t i = 0; i < length; i++) {
        bool small = letters[i] >= 'a' && letters[i] <= 'z';
        bool large = letters[i] >= 'A' && letters[i] <= 'Z';
        bool other = how->lower ? large : how->upper && small;
        put(text, other ? letters[i] ^ ('a' ^ 'A') : letters[i]);
    }
}

// A number of at least so many digits, the sign counted. Without padding a width still holds.
static void number(struct text *text, const struct directive *how, char pad, size_t digits, int64_t value) {
    char letters[20];
    size_t at = sizeof(letters);
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do {
        letters[--at] = '0' + rest % 10;
        rest /= 10;
    } while (rest > 0);
    pad = how->pad == 0 ? pad : how->pad;
    digits = pad == '-' || how->width > digits ? how->width : digits;
    size_t length = sizeof(letters) - at + (value < 0);
    size_t missing = digits > length ? digits - length : 0;
    fill(text, ' ', pad == '0' ? 0 : missing);
    fill(text, '-', value < 0);
    fill(text, '0', pad == '0' ? missing : 0);
    for (; at < sizeof(letters); at++) {
        put(text, letters[at]);
    }
}

// --- the calendar ---------------------------------------------------------------

static const char days[7][10] = {
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
};
static const char months[12][10] = {
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
};

// The first `length` letters of a name, all for 0; '?' for a number that means none.
static void name(struct text *text, struct directive how, const char (*names)[10], int count, int index,
                 size_t length) {
    const char *found = index < 0 || index >= count ? "?" : names[index];
    size_t all = strlen(found);
    how.upper |= how.change;
    string(text, &how, found, length == 0 || all < length ? all : length);
}

static bool is_leap(int64_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

// Days since the Monday of the year's first ISO week.
static int iso_days(int day, int weekday) {
    const int multiple = 7 * 54; // more than day - weekday can be below 0
    return day - (day - weekday + 4 + multiple) % 7 + 4 - 1;
}

// The ISO year and week of a day.
static int64_t iso_year(const struct tm *time, int *week) {
    int64_t year = time->tm_year + INT64_C(1900);
    int passed = iso_days(time->tm_yday, time->tm_wday);
    if (passed < 0) {
        year--;
        passed = iso_days(time->tm_yday + 365 + is_leap(year), time->tm_wday);
    }
    else {
        int next = iso_days(time->tm_yday - 365 - is_leap(year), time->tm_wday);
        if (next >= 0) {
            year++;
            passed = next;
        }
    }
    *week = passed / 7 + 1;
    return year;
}

// --- directives -----------------------------------------------------------------

static void format(struct text *text, const char *narrow, const wchar_t *wide, const struct tm *time);

// What other directives are put together to.
static void composed(struct text *text, const struct directive *how, const char *directives,
                     const struct tm *time) {
    char letters[100];
    struct text inner = {.narrow = letters, .room = sizeof(letters)};
    format(&inner, directives, NULL, time);
    string(text, how, letters, inner.length < sizeof(letters) ? inner.length : sizeof(letters));
}

// Writes what a directive stands for; false when it is none.
static bool directive(struct text *text, struct directive *how, wchar_t letter, const struct tm *time) {
    int64_t year = time->tm_year + INT64_C(1900);
    int hour12 = time->tm_hour % 12 == 0 ? 12 : time->tm_hour % 12;
    int week;
    // Which modifiers glibc knows for a letter: of most, 'E' is an error, of some 'O' or both.
    const char *refused = how->modifier == 'E' ? "aAbBdDeFgGhHIjklmMSUVwW" : "aAcDFxXY";
    if (how->modifier != 0 && letter != 0 && letter < 128 && strchr(refused, (int)letter) != NULL) {
        how->upper |= how->change && strchr("AbBh", (int)letter) != NULL;
        return false;
    }
    switch (letter) {
    case '%': string(text, how, "%", 1); return true;
    case 'n': string(text, how, "\n", 1); return true;
    case 't': string(text, how, "\t", 1); return true;
    case 'a': name(text, *how, days, 7, time->tm_wday, 3); return true;
    case 'A': name(text, *how, days, 7, time->tm_wday, 0); return true;
    case 'b':
    case 'h': name(text, *how, months, 12, time->tm_mon, 3); return true;
    case 'B': name(text, *how, months, 12, time->tm_mon, 0); return true;
    case 'c': composed(text, how, "%a %b %e %H:%M:%S %Y", time); return true;
    case 'D':
    case 'x': composed(text, how, "%m/%d/%y", time); return true;
    case 'F': composed(text, how, "%Y-%m-%d", time); return true;
    case 'r': composed(text, how, "%I:%M:%S %p", time); return true;
    case 'R': composed(text, how, "%H:%M", time); return true;
    case 'T':
    case 'X': composed(text, how, "%H:%M:%S", time); return true;
    case 'C': number(text, how, '0', 1, year / 100 - (year % 100 < 0)); return true;
    case 'd': number(text, how, '0', 2, time->tm_mday); return true;
    case 'e': number(text, how, '_', 2, time->tm_mday); return true;
    case 'g': number(text, how, '0', 2, (iso_year(time, &week) % 100 + 100) % 100); return true;
    case 'G': number(text, how, '0', 1, iso_year(time, &week)); return true;
    case 'H': number(text, how, '0', 2, time->tm_hour); return true;
    case 'I': number(text, how, '0', 2, hour12); return true;
    case 'j': number(text, how, '0', 3, time->tm_yday + INT64_C(1)); return true;
    case 'k': number(text, how, '_', 2, time->tm_hour); return true;
    case 'l': number(text, how, '_', 2, hour12); return true;
    case 'm': number(text, how, '0', 2, time->tm_mon + INT64_C(1)); return true;
    case 'M': number(text, how, '0', 2, time->tm_min); return true;
    case 'S': number(text, how, '0', 2, time->tm_sec); return true;
    case 'u': number(text, how, '0', 1, (time->tm_wday + 6) % 7 + 1); return true;
    case 'U': number(text, how, '0', 2, (time->tm_yday - time->tm_wday + 7) / 7); return true;
    case 'V': (void)iso_year(time, &week); number(text, how, '0', 2, week); return true;
    case 'w': number(text, how, '0', 1, time->tm_wday); return true;
    case 'W':
        number(text, how, '0', 2, (time->tm_yday - (time->tm_wday + 6) % 7 + 7) / 7);
        return true;
    case 'y': number(text, how, '0', 2, (year % 100 + 100) % 100); return true;
    case 'Y': number(text, how, '0', 1, year); return true;
    case 's': {
        struct tm copy = *time;
        how->pad = how->pad == 0 ? '-' : how->pad;
        number(text, how, '0', 1, mktime(&copy));
        return true;
    }
    case 'p':
    case 'P':
        how->lower = how->change || letter == 'P';
        string(text, how, time->tm_hour < 12 ? "AM" : "PM", 2);
        return true;
    case 'Z': {
        const char *zone = time->tm_zone == NULL ? "" : time->tm_zone;
        how->lower = how->change;
        string(text, how, zone, strlen(zone));
        return true;
    }
    case 'z':
        if (time->tm_isdst >= 0) {
            int minutes = time->tm_gmtoff / 60;
            string(text, how, time->tm_gmtoff < 0 ? "-" : "+", 1);
            minutes = minutes < 0 ? -minutes : minutes;
            number(text, how, '0', 4, minutes / 60 * 100 + minutes % 60);
        }
        return true;
    default: return false;
    }
}

// Of the two formats, one is NULL.
static void format(struct text *text, const char *narrow, const wchar_t *wide, const struct tm *time) {
#define AT(index) (narrow != NULL ? (wchar_t)(unsigned char)narrow[index] : wide[index])
    for (size_t at = 0; AT(at) != 0; at++) {
        if (AT(at) != '%') {
            put(text, AT(at));
            continue;
        }
        size_t start = at++;
        struct directive how = {0};
        for (;; at++) {
            switch (AT(at)) {
            case '_': case '-': case '0': how.pad = (char)AT(at); continue;
            case '^': how.upper = true; continue;
            case '#': how.change = true; continue;
            }
            break;
        }
        for (; AT(at) >= '0' && AT(at) <= '9'; at++) {
            // More digits than an int has room for are too many for any caller, too.
            how.width = how.width > INT32_MAX / 10 - 1 ? how.width : how.width * 10 + (AT(at) - '0');
        }
        if (AT(at) == 'E' || AT(at) == 'O') {
            how.modifier = (char)AT(at++);
        }
        if (directive(text, &how, AT(at), time)) {
            continue;
        }
        // It stands for itself, from its '%' on. The text may end within it.
        at -= AT(at) == 0;
        size_t length = at - start + 1;
        fill(text, how.pad == '0' ? '0' : ' ', how.width > length ? how.width - length : 0);
        for (; start <= at; start++) {
            bool small = AT(start) >= 'a' && AT(start) <= 'z';
            put(text, how.upper && small ? AT(start) ^ ('a' ^ 'A') : AT(start));
        }
    }
#undef AT
}

size_t strftime(char *restrict target, size_t room, const char *restrict directives,
                const struct tm *restrict time) {
    struct text text = {.narrow = target, .room = room};
    format(&text, directives, NULL, time);
    put(&text, 0);
    return text.length <= room ? text.length - 1 : 0;
}

size_t wcsftime(wchar_t *restrict target, size_t room, const wchar_t *restrict directives,
                const struct tm *restrict time) {
    struct text text = {.wide = target, .room = room};
    format(&text, NULL, directives, time);
    put(&text, 0);
    return text.length <= room ? text.length - 1 : 0;
}
