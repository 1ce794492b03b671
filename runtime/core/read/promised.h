/* runtime/core/read/promised.h - The promises of a core: how many of each kind, and a hash of their exact content.
 *
 * The hash is made of texts, moments and numbers that people know, and does not depend on how a core stores them. So a
 * core has the same hash after an upgrade, whatever has changed inside; tests/unit/core_golden.c checks this for all
 * later versions. The hash must never be computed differently. */
#pragma once

#include <stdint.h>

struct core;

enum promised_kind {
#define PROMISED(kind, words) PROMISED_##kind,
#include "runtime/core/read/promised.def"
    PROMISED_KINDS
};

struct promised {
    struct {
        uint64_t count, hash; /* hash: independent of the order of the promises */
    } of[PROMISED_KINDS];
};

void core_promised(const struct core *, struct promised *);
const char *promised_words(enum promised_kind);
