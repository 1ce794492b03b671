/* base/error.h - Errors caused by a user, a peer or a file, as a value: a code for programs and a sentence for
 * people. The caller owns the struct; a function that fails fills it. A caller that does not read the error may pass
 * NULL. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum error_code {
    ERROR_NONE = 0,
    ERROR_INPUT,       /* malformed: the text says where and what is expected */
    ERROR_LIMIT,       /* the input is larger, or has more parts, than is allowed */
    ERROR_VERSION,     /* the format, protocol or semantics number is another than ours */
    ERROR_UNKNOWN,     /* the input names something that does not exist */
    ERROR_STATE,       /* what was asked is not possible at present: the text says why */
    ERROR_DENIED,      /* the user or client has no right to what was asked */
    ERROR_UNAVAILABLE, /* a peer, file or database cannot be reached */
    ERROR_TIMEOUT,
    ERROR_SYSTEM, /* the operating system refused: the error's text has its reason */
    ERROR_EXISTS, /* what was to be made is there already */
};

struct error {
    enum error_code code;
    uint32_t offset; /* offset of the mistake in the input, in bytes; 0: not known */
    char text[256];
};

/* error_set() and error_at() fill the error and return false, so that a failing function can return their result. */
bool error_set(struct error *, enum error_code, const char *format, ...) __attribute__((format(printf, 3, 4)));
bool error_at(struct error *, enum error_code, uint32_t offset, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#ifdef __cplusplus
}
#endif

#endif
