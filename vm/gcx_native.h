/* vm/gcx_native.h - The interface of natives: functions in C that strategies call. Installed as <gcx/gcx_native.h>.
 *
 * `gcxc headers` writes a header that includes this one, with a prototype for each native that a file of the language
 * declares; the library includes that header and defines the functions. gcx(7) says when they may be called.
 *
 * A native is pure: its result follows from its arguments alone. It keeps no pointer, asks no clock, and comes back
 * soon: every call of the contact centre waits for it. */
#ifndef GCX_NATIVE_H
#define GCX_NATIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The place where a native that returns a str puts it: `text` has room for `size` bytes. A text that is longer, or is
 * not UTF-8, or has a zero byte, is a fault of the strategy. */
struct gcx_native {
    char *text;
    size_t size, length;
};

/* Copies the result. The last call counts; without one it is empty. */
static inline void gcx_native_return(struct gcx_native *result, const char *text, size_t length)
{
    if (length > 0 && length <= result->size) memcpy(result->text, text, length);
    result->length = length;
}

/* For what `gcxc headers` writes: functions are seen from outside, by their names in C; and of each a text says what it
 * was compiled for, so that who loads it may compare. */
#ifdef __cplusplus
#define GCX_NATIVE_C extern "C"
#else
#define GCX_NATIVE_C extern
#endif
#define GCX_NATIVE_SEEN GCX_NATIVE_C __attribute__((visibility("default")))
#define GCX_NATIVE_SIGNATURE(name, text)                                                                               \
    GCX_NATIVE_C const char gcx_signature_##name[] __attribute__((weak, visibility("default")));                       \
    const char gcx_signature_##name[] = text

#endif
