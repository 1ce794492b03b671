/* runtime/core/read/promised.h - The promises of a core: how much of each kind, and a hash of what exactly.
 *
 * The hash is of texts, moments and numbers that people know, and not of how a core holds them. So a core has the same
 * one after an upgrade, whatever has changed inside; tests/unit/core_golden.c asks that of all versions to come. It
 * must never be computed otherwise. */
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
        uint64_t count, hash; /* hash: the same in whatever order the promises come */
    } of[PROMISED_KINDS];
};

void core_promised(const struct core *, struct promised *);
const char *promised_words(enum promised_kind);
