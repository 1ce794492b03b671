/* runtime/core/interactions/userdata_words.h - Makes words of the language from values of the wire, and values from
 * words. Texts and objects of such a word are in the interaction's block, constants in its image. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "vm/block.h"
#include "runtime/vocabulary/message.h"

struct interactions;
struct interaction;

enum { USERDATA_ELEMENTS_MAX = 1000 }; /* most elements of a list, and most pairs of an interaction */

/* A value in the form in which a block keeps it: `bytes` is NULL for a value without text, which is in `payload`.
 * Borrowed. */
struct boxed {
    unsigned tag; /* enum kv_tag, and VALUE_TAG_SECRET */
    const char *bytes;
    uint32_t length;
    uint64_t payload;
};

/* Returns the image that is needed to read the words of the interaction. */
const struct image *userdata_image(const struct interactions *, const struct interaction *);

/* Makes a word of the given type from a value; texts and objects are made in the interaction's block. False: the
 * value is not of the type, or the block has no room. */
bool userdata_word(struct interactions *, struct interaction *, uint16_t type, const struct kv_value *, uint64_t *word);
/* True: userdata_word could make the word of the value in an empty block. */
bool userdata_may_be(const struct image *, uint16_t type, const struct kv_value *);
/* True: a word of the given type (any type) made from the value takes at most `bytes` bytes of a block. */
bool userdata_fits(const struct image *, uint16_t type, const struct kv_value *, uint32_t bytes);

/* Appends a pair with the given key, made from a word of the given type. */
void userdata_put(const struct interactions *, const struct interaction *, struct kv *, struct span key, uint16_t type,
                  uint64_t word, bool secret);
/* Does the same as userdata_put for a constant of the image. */
void userdata_put_constant(const struct interactions *, const struct image *, struct kv *, struct span key,
                           uint16_t type, uint64_t word);

struct boxed userdata_boxed(const struct kv_value *);
/* Returns the value that a block keeps as this tag and payload. `inlined` receives the bytes of a short text. */
struct kv_value userdata_unboxed(const struct interactions *, const struct interaction *, unsigned tag,
                                 uint64_t payload, char inlined[8]);
/* Returns the text of a word. `inlined` receives the bytes of a short text. */
struct span userdata_text(const struct interactions *, const struct interaction *, uint64_t word, char inlined[8]);
