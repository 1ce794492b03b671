/* runtime/core/interactions/blob.c - Makes references to bytes that are stored outside of the core.
 *
 * A blob word is a record with store, key, SHA-256 and media type as texts, and the length as a
 * number. The bytes themselves are never copied into the block. */
#include "runtime/core/interactions/blob.h"

#include <assert.h>

#include "runtime/core/interactions/interaction.h"
#include "runtime/vocabulary/ident.h"

static bool make_text(struct interactions *interactions, const struct interaction *ix, struct span text, uint64_t *word)
{
    return block_make_text(interactions->slab, ix->block, (const char *)text.bytes, text.length, word);
}

static bool make_hex(struct interactions *interactions, const struct interaction *ix, struct span bytes, uint64_t *word)
{
    char hex[2 * 32];
    assert(bytes.length <= sizeof hex / 2); /* a SHA-256 hash as bytes; the text has two digits for each */
    ident_print_hex(bytes.bytes, bytes.length, hex);
    return block_make_text(interactions->slab, ix->block, hex, 2 * bytes.length, word);
}

/* Makes the word. The room for all texts is reserved first. Otherwise making the second text could move the block,
 * and the word of the first text would point to the old place. */
bool blob_word(struct interactions *interactions, const struct interaction *ix, const struct message *blob,
               uint64_t *word)
{
    struct slab *slab = interactions->slab;
    struct span store = message_text(blob, Blob_store), key = message_text(blob, Blob_key);
    struct span hash = message_text(blob, Blob_sha256), media_type = message_text(blob, Blob_media_type);
    uint64_t fields[BLOB_FIELDS] = {[BLOB_FIELD_LENGTH] = message_u(blob, Blob_length)};
    uint32_t room = store.length + key.length + 2 * hash.length + media_type.length + (5 + BLOB_FIELDS) * 16;
    return block_reserve(slab, ix->block, room) && make_text(interactions, ix, store, &fields[BLOB_FIELD_STORE]) &&
           make_text(interactions, ix, key, &fields[BLOB_FIELD_KEY]) &&
           make_hex(interactions, ix, hash, &fields[BLOB_FIELD_SHA256]) &&
           make_text(interactions, ix, media_type, &fields[BLOB_FIELD_MEDIA_TYPE]) &&
           block_make_record(slab, ix->block, TYPE_BLOB, fields, BLOB_FIELDS, word);
}
