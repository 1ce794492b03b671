/* vm/gcx_native.h - The interface of natives: C functions that strategies call. Installed as <gcx/gcx_native.h>.
 *
 * `gcxc headers` writes a header that includes this one, with a prototype for each native declared in a file of the
 * language; the library includes that header and defines the functions. gcx(7) describes when they may be called.
 *
 * A native must be pure: its result depends only on its arguments. A native must keep no pointers, read no clock, and
 * return soon: every call in the contact centre waits for it. */
#ifndef GCX_NATIVE_H
#define GCX_NATIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The result of a native that returns a str: `text` has space for `size` bytes. A text that is longer, is not UTF-8,
 * or contains a zero byte, is a fault of the strategy. */
struct gcx_native {
    char *text;
    size_t size, length;
};

/* Copies the result. The last call counts, and without any call the result is empty. */
static inline void gcx_native_return(struct gcx_native *result, const char *text, size_t length)
{
    if (length > 0 && length <= result->size) memcpy(result->text, text, length);
    result->length = length;
}

/* Used by the headers of `gcxc headers`: makes functions visible under their C names; and a text per function says
 * for which declaration it was compiled, so that the loader can compare them. */
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
