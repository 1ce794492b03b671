/* runtime/journal/secrets.c - Finds secrets in events, moves their bytes after the events, and restores them.
 *
 *     events    ... pin=****  ...           the bytes are overwritten in place, the length stays
 *     sealed    | name of a key, lengths | places | encrypted bytes |  ... a group per owner
 *
 * The owner of secrets is usually an interaction (secrets_owner), and its secrets are encrypted under its own key.
 * To erase a person's secrets that key is erased; the batches and their hashes stay unchanged. */
#include "runtime/journal/secrets.h"

#include <assert.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/hidden.h"
#include "base/memory.h"
#include "runtime/vocabulary/rows.h"

enum {
    NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    GROUP = 4 + 8 + 4 + 4, /* its head */
};

struct secret_place {
    uint64_t owner;
    uint32_t at, length;
    bool word; /* the secret is a number (varint) */
};

struct journal_search {
    struct message_mask mask;
    uint8_t *events;
    uint64_t owner; /* owner of the secrets of the current event */
    struct secret_place *places;
    size_t count;
};

static void secrets_found(void *self, const uint8_t *bytes, uint32_t length, bool word)
{
    struct journal_search *search = self;
    search->places = memory_more(search->places, search->count, sizeof *search->places);
    search->places[search->count++] =
        (struct secret_place){search->owner, (uint32_t)(bytes - search->events), length, word};
}

static bool is_pairs(enum field_type type)
{
    return type == TYPE_KV || type == TYPE_ROWS || type == TYPE_VALUES;
}

/* Can an event of that kind contain secrets? */
static bool may_have(const struct row *row)
{
    bool may = false;
    for (unsigned i = 0; row && i < row->count && !may; i++)
        may = is_pairs(row->fields[i].type) || row->fields[i].secret;
    return may;
}

enum owned { OWNED_submit = 1, OWNED_record, OWNED_event };

/* Returns an owner's number that is neither that of an interaction nor a ConnID: those have their highest bit clear. */
static uint64_t owner_made(enum owned what, const uint64_t *numbers, unsigned count, struct span text)
{
    crypto_generichash_state state;
    uint8_t bytes[8], hash[crypto_generichash_BYTES_MIN];
    crypto_generichash_init(&state, NULL, 0, sizeof hash);
    bytes_put_eight(bytes, what);
    crypto_generichash_update(&state, bytes, sizeof bytes);
    for (unsigned i = 0; i < count; i++) {
        bytes_put_eight(bytes, numbers[i]);
        crypto_generichash_update(&state, bytes, sizeof bytes);
    }
    crypto_generichash_update(&state, text.bytes, text.length);
    crypto_generichash_final(&state, hash, sizeof hash);
    return bytes_get_eight(hash) | UINT64_C(1) << 63;
}

/* Returns the owner for a record of a calling list, combined with its campaign, because each database counts its
 * records from 1. 0: the event names none. */
static uint64_t record_owner(const struct message *message)
{
    bool arrives = message->kind == KIND_EventRecord;
    if (!arrives && message->kind != KIND_RequestRecord) return 0;
    uint64_t record = message_u(message, arrives ? EventRecord_record : RequestRecord_record);
    struct span campaign = message_text(message, arrives ? EventRecord_campaign : RequestRecord_campaign);
    return record == 0 ? 0 : owner_made(OWNED_record, &record, 1, campaign);
}

uint64_t secrets_owner(const struct message *message, uint64_t batch, uint32_t at)
{
    uint64_t ixn = message_u(message, ENVELOPE_ixn), conn = message_u(message, ENVELOPE_conn);
    if (ixn != 0 || conn != 0) return ixn != 0 ? ixn : conn;
    if (message->kind == KIND_Submit)
        return owner_made(OWNED_submit, &(uint64_t){message_u(message, Submit_media)}, 1,
                          message_text(message, Submit_external_id));
    uint64_t record = record_owner(message);
    if (record != 0) return record;
    return owner_made(OWNED_event, (const uint64_t[]){batch, at}, 2, (struct span){0});
}

static void look_event(struct journal_search *search, uint64_t batch, uint32_t at, size_t size)
{
    const uint8_t *frame = search->events + at;
    struct message message;
    const struct hidden_walk walk = {search->mask, secrets_found, search};
    const struct row *row = row_of((unsigned)(frame[4] | frame[5] << 8));
    if (!may_have(row) || !message_read(&message, frame, size, NULL)) return;
    search->owner = secrets_owner(&message, batch, at);
    for (unsigned i = 0; i < message.count; i++) {
        const struct field *field = &message.fields[i];
        const struct field_row *of = row_field(row, field->number);
        if (!of || field->wire != 2) continue;
        if (is_pairs(of->type)) hidden_each(&walk, field->span, false);
        if (of->secret && field->span.length > 0) secrets_found(search, field->span.bytes, field->span.length, false);
    }
}

static int by_owner(const void *a, const void *b)
{
    const struct secret_place *one = a, *other = b;
    if (one->owner != other->owner) return one->owner < other->owner ? -1 : 1;
    return one->at < other->at ? -1 : one->at > other->at;
}

static void nonce_of(uint64_t batch, size_t group, uint8_t nonce[NONCE])
{
    memset(nonce, 0, NONCE);
    bytes_put_eight(nonce, batch);
    bytes_put_eight(nonce + 8, group);
}

/* One owner's. Encrypts the secrets of one owner; a key encrypts only once per batch number: after a batch was lost
 * before it was durable, its key is never used again. */
static void put_group(const struct journal_search *search, const struct secret_place *places, size_t count,
                      struct key_name name, const uint8_t key[KEY_BYTES], uint64_t batch, size_t group,
                      struct writer *out)
{
    assert(count > 0);
    uint8_t nonce[NONCE], word[VARINT_MAX];
    size_t list = 0, plain = 0;
    uint32_t end = 0;
    for (size_t i = 0; i < count; i++) {
        list += bytes_put_varint(word, places[i].at - end) + bytes_put_varint(word, places[i].length);
        plain += places[i].length;
        end = places[i].at + places[i].length;
    }
    uint8_t *head = bytes_room(&out->bytes, &out->capacity, out->length, GROUP + list + plain + TAG),
            *at = head + GROUP;
    bytes_put_four(head, name.slot);
    bytes_put_eight(head + 4, name.id);
    bytes_put_four(head + 12, (uint32_t)list);
    bytes_put_four(head + 16, (uint32_t)plain);
    end = 0;
    for (size_t i = 0; i < count; i++) {
        at += bytes_put_varint(at, places[i].at - end);
        at += bytes_put_varint(at, places[i].length);
        end = places[i].at + places[i].length;
    }
    uint8_t *bytes = at;
    for (size_t i = 0; i < count; i++) {
        memcpy(at, search->events + places[i].at, places[i].length);
        hidden_overwrite(search->events + places[i].at, places[i].length, places[i].word);
        at += places[i].length;
    }
    nonce_of(batch, group, nonce);
    crypto_aead_xchacha20poly1305_ietf_encrypt(bytes, NULL, bytes, plain, head, GROUP + list, NULL, nonce, key);
    out->length += GROUP + list + plain + TAG;
}

bool secrets_hide(struct keys *keys, struct message_mask mask, uint64_t batch, uint8_t *events, uint32_t length,
                  struct writer *sealed, struct error *error)
{
    struct journal_search search = {.mask = mask, .events = events};
    uint8_t key[KEY_BYTES];
    bool good = true;
    for (uint32_t at = 0; at < length;) {
        size_t size = message_frame_size(events + at, length - at);
        assert(size >= MESSAGE_HEADER && size <= length - at); /* every frame is whole: the ring accepts no others */
        look_event(&search, batch, at, size);
        at += (uint32_t)size;
    }
    if (search.count > 0) qsort(search.places, search.count, sizeof *search.places, by_owner);
    size_t group = 0;
    for (size_t i = 0, next; i < search.count && good; i = next) {
        struct key_name name;
        for (next = i + 1; next < search.count && search.places[next].owner == search.places[i].owner;) next++;
        good = keys_for(keys, search.places[i].owner, batch, &name, key, error);
        if (good) put_group(&search, search.places + i, next - i, name, key, batch, group++, sealed);
    }
    sodium_memzero(key, sizeof key);
    free(search.places);
    return good;
}

/* Puts the bytes back at their positions. False: a position is outside the events. */
static bool put_back(struct span list, const uint8_t *bytes, uint32_t plain, uint8_t *events, uint32_t length)
{
    struct reader reader = {.bytes = list.bytes, .length = list.length};
    uint64_t end = 0, used = 0;
    while (reader.at < reader.length) {
        uint64_t from = reader_varint(&reader), size = reader_varint(&reader);
        if (reader.bad || from > length - end || size > length - end - from || size > plain - used) return false;
        memcpy(events + end + from, bytes + used, size);
        end += from + size;
        used += size;
    }
    return used == plain;
}

static bool secrets_refuse(struct error *error, uint64_t batch, const char *why)
{
    return error_set(error, ERROR_INPUT, "the secrets of batch %" PRIu64 " %.160s", batch, why);
}

bool secrets_show(struct keys *keys, uint64_t batch, struct span sealed, uint8_t *events, uint32_t length,
                  uint32_t *erased, struct error *error)
{
    uint8_t key[KEY_BYTES], nonce[NONCE], *bytes = malloc(sealed.length + 1);
    bool good = true;
    if (!bytes) abort();
    *erased = 0;
    size_t group = 0;
    for (uint32_t at = 0; good && at < sealed.length;) {
        const uint8_t *head = sealed.bytes + at;
        uint32_t left = sealed.length - at;
        uint64_t list = left < GROUP ? 0 : bytes_get_four(head + 12),
                 plain = left < GROUP ? 0 : bytes_get_four(head + 16);
        if (left < GROUP || GROUP + list + plain + TAG > left) {
            good = secrets_refuse(error, batch, "are malformed");
            break;
        }
        at += (uint32_t)(GROUP + list + plain + TAG);
        struct key_name name = {bytes_get_four(head), bytes_get_eight(head + 4)};
        nonce_of(batch, group++, nonce);
        enum key_state state = keys ? keys_find(keys, name, batch, key) : KEY_MISSING;
        if (state != KEY_THERE) {
            ++*erased;
            continue;
        }
        good = (crypto_aead_xchacha20poly1305_ietf_decrypt(bytes, NULL, NULL, head + GROUP + list, plain + TAG, head,
                                                           GROUP + list, nonce, key) == 0 &&
                put_back((struct span){head + GROUP, (uint32_t)list}, bytes, (uint32_t)plain, events, length)) ||
               secrets_refuse(error, batch, "cannot be opened: they, or STATE/keys, were altered");
    }
    sodium_memzero(key, sizeof key);
    sodium_memzero(bytes, sealed.length);
    free(bytes);
    return good;
}
