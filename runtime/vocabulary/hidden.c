/* runtime/vocabulary/hidden.c - Goes through pairs and compares their keys with the names of secret fields.
 *
 *     hidden_copy   copies pairs and marks what the names say as secret
 *     hidden_each   visits the bytes of each secret value where they lie
 *
 * If a list is secret, everything in it is secret. A value keeps its length when it is overwritten, so that the
 * pairs can still be read. */
#include "runtime/vocabulary/hidden.h"

#include <string.h>

#include "runtime/vocabulary/bytes.h"

static void hidden_copy_pairs(struct span names, struct span pairs, bool all, bool outermost, struct kv *to)
{
    struct kv_pair pair;
    for (uint32_t at = 0; kv_next(pairs, &at, &pair);) {
        bool hides = all || (!outermost && message_lists_text(names, pair.key));
        if (pair.value.tag == KV_LIST) {
            kv_list_begin(to, pair.key);
            hidden_copy_pairs(names, pair.value.span, hides, false, to);
            kv_list_end(to);
        } else {
            pair.value.secret = pair.value.secret || hides;
            kv_put(to, pair.key, &pair.value);
        }
    }
}

/* The outermost pair is the answer itself: it is not a field, whatever its key. */
void hidden_copy(struct span names, struct span pairs, struct kv *to)
{
    hidden_copy_pairs(names, pairs, message_lists_text(names, span_of("")), true, to);
}

/* Numbers are varints after their tag. The bytes of a number are found by writing the number once more and counting
 * back from the pair's end. */
void hidden_each(const struct hidden_walk *walk, struct span pairs, bool all)
{
    struct kv_pair pair;
    uint8_t word[VARINT_MAX];
    for (uint32_t at = 0; kv_next(pairs, &at, &pair);) {
        const struct kv_value *value = &pair.value;
        bool secret = all || value->secret || (walk->mask.hides && walk->mask.hides(walk->mask.self, pair.key));
        if (value->tag == KV_LIST) hidden_each(walk, value->span, secret);
        if (!secret) continue;
        if ((value->tag == KV_TEXT || value->tag == KV_BINARY) && value->span.length > 0) {
            walk->each(walk->self, value->span.bytes, value->span.length, false);
        } else if (value->tag == KV_INT || value->tag == KV_TIME) {
            uint32_t length = (uint32_t)bytes_put_varint(word, bytes_zigzag(value->word));
            walk->each(walk->self, pairs.bytes + at - length, length, true);
        } else if (value->tag == KV_FLOAT) {
            walk->each(walk->self, pairs.bytes + at - sizeof value->number, sizeof value->number, false);
        }
    }
}

/* In a varint the continuation bits stay and each byte gets the value 1: so it is still canonical. */
void hidden_overwrite(uint8_t *bytes, uint32_t length, bool word)
{
    if (!word) memset(bytes, '*', length);
    for (uint32_t i = 0; word && i < length; i++) bytes[i] = (uint8_t)((bytes[i] & 0x80) | 1);
}
