/* runtime/adapters/cti/limits.h - The limits for clients and addresses: the rows of limits.def. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct limits {
#define LIMIT(name, otherwise, lowest, highest, doc) uint32_t name;
#include "runtime/adapters/cti/limits.def"
};

/* Reads the settings of the limits by name; a setting that is not set has its default. False with the reason. */
bool limits_read(struct limits *, const char *(*setting)(void *self, const char *key), void *self, char *why,
                 size_t why_size);
