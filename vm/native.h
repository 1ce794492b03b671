/* vm/native.h - Natives: C functions of libraries, which the image identifies by their hash; called directly.
 *
 * The VM does not open libraries. Its host opens them, compares the hash with the image's, and binds the functions;
 * calling a native that is not bound is a fault. A program that takes part in a journal runs only completely bound
 * images: results of natives are not recorded, but computed again in a replay. */
#pragma once

#include "vm/image.h"

enum {
    NATIVE_TEXT_MAX = 4096,     /* longest str that a native returns, in bytes */
    NATIVE_SIGNATURE_MAX = 128, /* bytes of a signature, with its final zero */
};

#define NATIVE_PREFIX           "gcx_native_"    /* this and the native's name make the symbol of the function */
#define NATIVE_PREFIX_SIGNATURE "gcx_signature_" /* this and the name make the symbol of the native's signature */

/* Writes the signature: "str(int, percent)": the result, the parameters. */
void native_signature(const struct image_native *, char text[NATIVE_SIGNATURE_MAX]);
/* Returns the language's word for the type; NULL: natives cannot have it. */
const char *native_type_word(uint16_t type);

/* Reads a signature into the row's types; false: it is not valid. */
bool native_signature_read(const char *text, struct image_native *);

/* Calls a native outside of a VM. `words`: values of the row's parameters; for a str its length, and its bytes are
 * in the same place of `texts`. Returns the word of the result, as the library's function may have left it; for a
 * str its length, and its bytes are in `text`. */
uint64_t native_call(const struct image_native *, void (*function)(void), const uint64_t *words,
                     const char *const *texts, char text[NATIVE_TEXT_MAX]);

/* Is this thread inside a native? This is asked when exit() is called. */
bool native_runs(void);

/* Binds the native with that number to a function of its library. `twice`: each call is made twice, and different
 * results are a fault. */
void native_bind(struct image *, uint32_t native, void (*function)(void), bool twice);
/* Binds the natives that are bound in `bound`, too: functions of the same library file, by name and signature. */
void native_bind_alike(struct image *, const struct image *bound);
/* Are all natives of the image bound? An image without natives counts as bound. */
bool native_all_bound(const struct image *);
