/* runtime/core/interactions/blob.h - References to bytes that are stored outside of the core, as values of strategies.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/message.h"

struct interactions;
struct interaction;

/* Makes a reference in the interaction's block to the bytes that the record Blob names. The bytes themselves are not
 * copied. False: the block has no room. */
bool blob_word(struct interactions *, const struct interaction *, const struct message *blob, uint64_t *word);
