/* runtime/vocabulary/kv.c - Packs, reads and checks key-value lists.
 *
 *     list:  pair pair pair ...
 *     pair:  length key | tag (upper bit: secret) | value
 *            none 0 bytes, int and time a zigzag varint, bool a varint, float 8 bytes,
 *            text, binary and list: a length and bytes; a list's bytes are pairs again
 *
 * The order of pairs is kept and a key may come twice. Lists from outside are checked by kv_check() first, which
 * refuses what is malformed, too large or nested too deep. After that kv_next() asserts instead of returning errors. */
#include "runtime/vocabulary/kv.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/rows.h"

enum { KV_SECRET = 0x80 };

/* Rounds down also for times before 1970. */
int64_t kv_seconds(int64_t us)
{
    const int64_t second = 1000000;
    return us / second - (us % second < 0);
}

void kv_init(struct kv *kv)
{
    *kv = (struct kv){0};
}

void kv_free(struct kv *kv)
{
    free(kv->bytes);
    *kv = (struct kv){0};
}

void kv_clear(struct kv *kv)
{
    kv->length = 0;
    kv->depth = 0;
}

struct span kv_span(const struct kv *kv)
{
    assert(kv->depth == 0 && kv->length <= UINT32_MAX);
    return (struct span){kv->bytes, (uint32_t)kv->length};
}

static uint8_t *kv_room(struct kv *kv, size_t more)
{
    return bytes_room(&kv->bytes, &kv->capacity, kv->length, more);
}

static void kv_put_number(struct kv *kv, uint64_t word)
{
    kv->length += bytes_put_varint(kv_room(kv, VARINT_MAX), word);
}

static void kv_put_span(struct kv *kv, struct span span)
{
    kv_put_number(kv, span.length);
    if (span.length == 0) return;
    memcpy(kv_room(kv, span.length), span.bytes, span.length);
    kv->length += span.length;
}

static void kv_put_head(struct kv *kv, struct span key, enum kv_tag tag, bool secret)
{
    kv_put_span(kv, key);
    *kv_room(kv, 1) = (uint8_t)(tag | (secret ? KV_SECRET : 0));
    kv->length++;
}

/* There are many bit patterns for "not a number". Only one of these patterns is written, so that equal lists have equal
 * bytes. */
static void kv_put_real(struct kv *kv, double number)
{
    uint64_t bits = 0x7ff8000000000000; /* the one NaN */
    if (number == number) memcpy(&bits, &number, sizeof bits);
    bytes_put_eight(kv_room(kv, 8), bits);
    kv->length += 8;
}

void kv_put(struct kv *kv, struct span key, const struct kv_value *value)
{
    kv_put_head(kv, key, value->tag, value->secret);
    switch (value->tag) {
    case KV_NONE:
        break;
    case KV_INT:
    case KV_TIME:
        kv_put_number(kv, bytes_zigzag(value->word));
        break;
    case KV_BOOL:
        kv_put_number(kv, value->word != 0);
        break;
    case KV_FLOAT:
        kv_put_real(kv, value->number);
        break;
    case KV_TEXT:
    case KV_BINARY:
    case KV_LIST:
        kv_put_span(kv, value->span);
        break;
    }
}

void kv_put_int(struct kv *kv, const char *key, int64_t word)
{
    kv_put(kv, span_of(key), &(struct kv_value){.tag = KV_INT, .word = word});
}

void kv_put_text(struct kv *kv, const char *key, struct span text)
{
    kv_put(kv, span_of(key), &(struct kv_value){.tag = KV_TEXT, .span = text});
}

void kv_put_bool(struct kv *kv, const char *key, bool word)
{
    kv_put(kv, span_of(key), &(struct kv_value){.tag = KV_BOOL, .word = word});
}

void kv_put_time(struct kv *kv, const char *key, int64_t us)
{
    kv_put(kv, span_of(key), &(struct kv_value){.tag = KV_TIME, .word = us});
}

void kv_put_none(struct kv *kv, const char *key)
{
    kv_put(kv, span_of(key), &(struct kv_value){.tag = KV_NONE});
}

/* Begins a nested list, whose length is not known yet. kv_list_end() writes the length before the list and moves the
 * bytes. */
void kv_list_begin(struct kv *kv, struct span key)
{
    assert(kv->depth < KV_DEPTH_MAX);
    kv_put_head(kv, key, KV_LIST, false);
    kv->open[kv->depth++] = kv->length;
}

void kv_list_end(struct kv *kv)
{
    assert(kv->depth > 0);
    size_t start = kv->open[--kv->depth];
    kv_room(kv, VARINT_MAX);
    kv->length += bytes_insert_varint(kv->bytes + start, kv->length - start);
}

/* Reads one pair at `reader`; a malformed pair sets the reader's `bad`. */
static bool read_pair(struct reader *reader, struct kv_pair *pair)
{
    pair->key = reader_bytes(reader);
    uint8_t tag = reader_byte(reader);
    pair->value = (struct kv_value){.tag = (enum kv_tag)(tag & ~KV_SECRET), .secret = tag & KV_SECRET};
    switch (tag & ~KV_SECRET) {
    case KV_NONE:
        break;
    case KV_INT:
    case KV_TIME:
        pair->value.word = bytes_unzigzag(reader_varint(reader));
        break;
    case KV_BOOL:
        pair->value.word = (int64_t)reader_varint(reader);
        break;
    case KV_FLOAT: {
        uint64_t bits = reader_eight(reader);
        memcpy(&pair->value.number, &bits, sizeof bits);
        break;
    }
    case KV_TEXT:
    case KV_BINARY:
    case KV_LIST:
        pair->value.span = reader_bytes(reader);
        break;
    default:
        reader->bad = true;
    }
    return !reader->bad;
}

/* Values point into the list's bytes and are valid as long as these. */
bool kv_next(struct span list, uint32_t *at, struct kv_pair *pair)
{
    if (*at >= list.length) return false;
    struct reader reader = {.bytes = list.bytes, .length = list.length, .at = *at};
    bool good = read_pair(&reader, pair);
    assert(good); /* cannot fail: the list was checked by kv_check */
    *at = (uint32_t)reader.at;
    return true;
}

/* Finds the first pair with that key. */
bool kv_find(struct span list, struct span key, struct kv_value *value)
{
    uint32_t at = 0;
    struct kv_pair pair;
    while (kv_next(list, &at, &pair)) {
        if (!span_equal(pair.key, key)) continue;
        *value = pair.value;
        return true;
    }
    return false;
}

bool kv_has(struct span list, struct span key)
{
    struct kv_value value;
    return kv_find(list, key, &value);
}

bool kv_get(struct span list, const char *key, struct kv_value *value)
{
    struct kv_pair pair;
    struct span wanted = span_of(key);
    for (uint32_t at = 0; kv_next(list, &at, &pair);) {
        if (!span_equal(pair.key, wanted)) continue;
        *value = pair.value;
        return true;
    }
    return false;
}

/* Copies as many pairs as fit into one message, at least one, and moves `at` to the pair after them. Callers repeat
 * this until the end of the list. */
void kv_part(struct span list, uint32_t *at, const char *key, struct kv *into)
{
    struct kv_pair pair;
    uint32_t room = KV_BYTES_MAX - (uint32_t)strlen(key) - 2 * VARINT_MAX, from = *at, next = *at;
    for (unsigned count = 0; count < LIST_MAX && kv_next(list, &next, &pair); *at = next, count++)
        if (count > 0 && next - from > room) break;
    kv_clear(into);
    struct span part =
        *at > from ? (struct span){list.bytes + from, *at - from} : (struct span){0}; /* an empty list has no bytes */
    kv_put(into, span_of(key), &(struct kv_value){.tag = KV_LIST, .span = part});
}

static bool check_pair(const struct kv_pair *pair, struct error *error)
{
    if (pair->key.length > ADDR_MAX_BYTES)
        return error_set(error, ERROR_LIMIT, "a key has %u bytes; %d are allowed", pair->key.length, ADDR_MAX_BYTES);
    bool good = bytes_are_utf8(pair->key);
    if (pair->value.tag == KV_TEXT) good = good && bytes_are_utf8(pair->value.span);
    if (pair->value.tag == KV_BOOL) good = good && (pair->value.word == 0 || pair->value.word == 1);
    if (pair->value.tag == KV_FLOAT && pair->value.number != pair->value.number) {
        uint64_t bits;
        memcpy(&bits, &pair->value.number, sizeof bits);
        good = good && bits == 0x7ff8000000000000;
    }
    return good || error_set(error, ERROR_INPUT, "a key or value is not UTF-8, or not a bool, or not the one NaN");
}

/* `depth` counts lists within lists, and limits the recursion. */
static bool kv_check_list(struct span list, unsigned depth, struct error *error)
{
    struct reader reader = {.bytes = list.bytes, .length = list.length};
    struct kv_pair pair;
    for (unsigned count = 1; reader.at < reader.length; count++) {
        if (count > LIST_MAX) return error_set(error, ERROR_LIMIT, "a list has more than %d pairs", LIST_MAX);
        if (!read_pair(&reader, &pair))
            return error_at(error, ERROR_INPUT, (uint32_t)reader.at, "a key-value list is malformed at byte %zu",
                            reader.at);
        if (!check_pair(&pair, error)) return false;
        if (pair.value.tag != KV_LIST) continue;
        if (depth == KV_DEPTH_MAX)
            return error_set(error, ERROR_LIMIT, "lists are nested more than %d deep", KV_DEPTH_MAX);
        if (!kv_check_list(pair.value.span, depth + 1, error)) return false;
    }
    return true;
}

bool kv_check_within(struct span list, uint32_t bytes, struct error *error)
{
    if (list.length > bytes)
        return error_set(error, ERROR_LIMIT, "key-value list of %u bytes; %u are allowed", list.length, bytes);
    return kv_check_list(list, 0, error);
}

bool kv_check(struct span list, struct error *error)
{
    return kv_check_within(list, KV_BYTES_MAX, error);
}
