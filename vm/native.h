/* vm/native.h - Natives: functions in C, of libraries that the image names by their hash, called inline.
 *
 * The VM opens no library. Its host does, compares the hash with the image's, and binds what it has found; a native
 * that nobody has bound is a fault where it is called. A program that takes part in a journal runs only images that are
 * bound whole: the result of a native is not recorded, but computed again. */
#pragma once

#include "vm/image.h"

enum {
    NATIVE_TEXT_MAX = 4096,     /* bytes of a str that one returns */
    NATIVE_SIGNATURE_MAX = 128, /* bytes of the text below, with its end */
};

#define NATIVE_PREFIX           "gcx_native_"    /* and the native's name: its function's symbol */
#define NATIVE_PREFIX_SIGNATURE "gcx_signature_" /* of the text below */

/* "str(int, percent)": the result, the parameters. */
void native_signature(const struct image_native *, char text[NATIVE_SIGNATURE_MAX]);
/* How the language calls the type; NULL: it is none that a native may have. */
const char *native_type_word(uint16_t type);

/* Reads that text into the row's types; false: it is none. */
bool native_signature_read(const char *text, struct image_native *);

/* One call outside of a VM. `words`: values of the row's parameters; of a str its length, with its bytes at the same
 * place of `texts`. The word of the result, as a library's function may have left it; of a str its length, and its
 * bytes are in `text`. */
uint64_t native_call(const struct image_native *, void (*function)(void), const uint64_t *words,
                     const char *const *texts, char text[NATIVE_TEXT_MAX]);

/* Is this thread within a native? Asked when somebody calls exit(). */
bool native_runs(void);

/* The function of that row's library. `twice`: each call is made twice, and two results are a fault. */
void native_bind(struct image *, uint32_t native, void (*function)(void), bool twice);
/* Binds the natives that `bound` has bound, too: functions of the same library's file, by name and signature. */
void native_bind_alike(struct image *, const struct image *bound);
/* Are all its natives bound? One that has none is. */
bool native_all_bound(const struct image *);
