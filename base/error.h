/* base/error.h - Errors: a mistake of a user, a peer or a file, as a value: a code to act on by program, a sentence to
 * act on by people. The caller owns the struct; functions that fail fill it. NULL is allowed where nobody reads it. */
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
    ERROR_LIMIT,       /* larger or more than is allowed */
    ERROR_VERSION,     /* another format, protocol or semantics number */
    ERROR_UNKNOWN,     /* the input names something that does not exist */
    ERROR_STATE,       /* it cannot be done now: the text says why */
    ERROR_DENIED,      /* this caller may not do it */
    ERROR_UNAVAILABLE, /* a peer, file or database cannot be reached */
    ERROR_TIMEOUT,
    ERROR_SYSTEM, /* the operating system refused: the text has its reason */
};

struct error {
    enum error_code code;
    uint32_t offset; /* the place of the mistake in the input, in bytes; 0 where there is no such place */
    char text[256];
};

/* Both fill the error and return false, so that a function that fails can return their result. */
bool error_set(struct error *, enum error_code, const char *format, ...) __attribute__((format(printf, 3, 4)));
bool error_at(struct error *, enum error_code, uint32_t offset, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#ifdef __cplusplus
}
#endif

#endif
