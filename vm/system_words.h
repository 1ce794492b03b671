/* vm/system_words.h - The system words of a block by the names of their attributes, as attributes.def numbers them:
 * SYSTEM_due, SYSTEM_from. Several attributes share a word, since each medium has its own: `ani` and `from`, `dnis` and
 * `to`, `ced` and `subject`. */
#pragma once

#include "vm/block.h"

enum system_word {
    SYSTEM_NONE = BLOCK_SYSTEM, /* the attribute is no system word: block_system() refuses this number */
#define HEADER(field)                                                                      SYSTEM_NONE
#define SYSTEM(n)                                                                          n
#define CORE                                                                               SYSTEM_NONE
#define SLOT                                                                               SYSTEM_NONE
#define ATTRIBUTE(name, number, type, optional, media, when, where, written, doc, changes) SYSTEM_##name = where,
#include "vm/attributes.def"
#undef ATTRIBUTE
#undef HEADER
#undef SYSTEM
#undef CORE
#undef SLOT
};
