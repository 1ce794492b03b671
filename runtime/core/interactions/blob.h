/* runtime/core/interactions/blob.h - References to bytes that stand elsewhere, as values of strategies. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/message.h"

struct interactions;
struct interaction;

/* Makes the reference in the interaction's block; the bytes stay where the record Blob says that they are. False: there
 * is no room. */
bool blob_word(struct interactions *, const struct interaction *, const struct message *blob, uint64_t *word);
