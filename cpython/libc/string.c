// Functions on strings and memory that the compiler's libc has slow versions of.

#define _GNU_SOURCE // strchrnul(), memrchr()

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// --- searching strings --------------------------------------------------------

// The compiler's libc measures a whole string before it looks for anything in it.
// Python's tokenizer looks for the end of each line in all that is left of a
// source: a file of a megabyte took minutes to compile.
char *strchrnul(const char *string, int character) {
    while (*string != '\0' && *string != (char)character) {
        string++;
    }
    return (char *)string;
}

char *__strchrnul(const char *string, int character) {
    return strchrnul(string, character);
}

char *strchr(const char *string, int character) {
    char *found = strchrnul(string, character);
    return *found == (char)character ? found : NULL;
}

size_t strcspn(const char *string, const char *stops) {
    size_t length = 0;
    while (string[length] != '\0' && *strchrnul(stops, string[length]) == '\0') {
        length++;
    }
    return length;
}

size_t strspn(const char *string, const char *accepted) {
    size_t length = 0;
    while (string[length] != '\0' && *strchrnul(accepted, string[length]) != '\0') {
        length++;
    }
    return length;
}

// --- memory and strings by words -------------------------------------------------

// The compiler's libc goes through them byte by byte. bytes.find and comparisons stand
// on memchr and memcmp; the tokenizer measures and copies what is left of a source for
// each expression of an f-string.

// WebAssembly reads words at any address.
typedef uint64_t __attribute__((may_alias, aligned(1))) word;

static bool has_zero(uint64_t bytes) {
    const uint64_t ones = UINT64_MAX / 255;
    return ((bytes - ones) & ~bytes & ones << 7) != 0;
}

void *memchr(const void *memory, int character, size_t length) {
    const unsigned char *at = memory, byte = (unsigned char)character;
    const uint64_t wanted = UINT64_MAX / 255 * byte;
    while (length >= sizeof(word) && !has_zero(*(const word *)at ^ wanted)) {
        at += sizeof(word);
        length -= sizeof(word);
    }
    for (; length > 0; at++, length--) {
        if (*at == byte) {
            return (void *)at;
        }
    }
    return NULL;
}

int memcmp(const void *left, const void *right, size_t length) {
    const unsigned char *a = left, *b = right;
    while (length >= sizeof(word) && *(const word *)a == *(const word *)b) {
        a += sizeof(word);
        b += sizeof(word);
        length -= sizeof(word);
    }
    for (; length > 0; a++, b++, length--) {
        if (*a != *b) {
            return *a - *b;
        }
    }
    return 0;
}

// An aligned word that holds the string's end ends before the memory does.
size_t strlen(const char *string) {
    const char *at = string;
    for (; (uintptr_t)at % sizeof(word) != 0; at++) {
        if (*at == '\0') {
            return at - string;
        }
    }
    while (!has_zero(*(const word *)at)) {
        at += sizeof(word);
    }
    while (*at != '\0') {
        at++;
    }
    return at - string;
}

// Bytes of the word that holds the answer are looked at one by one.
void *memrchr(const void *memory, int character, size_t length) {
    const unsigned char *start = memory, byte = (unsigned char)character;
    const uint64_t wanted = UINT64_MAX / 255 * byte;
    while (length >= sizeof(word) && !has_zero(*(const word *)(start + length - sizeof(word)) ^ wanted)) {
        length -= sizeof(word);
    }
    while (length > 0) {
        if (start[--length] == byte) {
            return (void *)(start + length);
        }
    }
    return NULL;
}

void *__memrchr(const void *memory, int character, size_t length) {
    return memrchr(memory, character, length);
}

char *strrchr(const char *string, int character) {
    return memrchr(string, character, strlen(string) + 1);
}

size_t strnlen(const char *string, size_t most) {
    const char *end = memchr(string, '\0', most);
    return end == NULL ? most : (size_t)(end - string);
}

// --- copying strings --------------------------------------------------------------

char *strcpy(char *restrict target, const char *restrict source) {
    return memcpy(target, source, strlen(source) + 1);
}

char *strcat(char *restrict target, const char *restrict source) {
    strcpy(target + strlen(target), source);
    return target;
}

char *strdup(const char *string) {
    size_t size = strlen(string) + 1;
    char *copy = malloc(size);
    return copy == NULL ? NULL : memcpy(copy, string, size);
}

// The compiler's returns a place one before, and one where there is none.
void *memccpy(void *restrict target, const void *restrict source, int character, size_t length) {
    const unsigned char *found = memchr(source, character, length);
    size_t taken = found == NULL ? length : (size_t)(found - (const unsigned char *)source) + 1;
    memcpy(target, source, taken);
    return found == NULL ? NULL : (unsigned char *)target + taken;
}

char *strncpy(char *restrict target, const char *restrict source, size_t length) {
    const char *end = memchr(source, '\0', length);
    size_t taken = end == NULL ? length : (size_t)(end - source);
    memcpy(target, source, taken);
    memset(target + taken, 0, length - taken);
    return target;
}
