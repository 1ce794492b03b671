/* runtime/vocabulary/kv.h - Key-value lists, such as user data: ordered, a key may come twice, nested at most 16
 * deep.
 *
 * Packed as key (length, bytes), tag byte, value; a secret value has bit 7 of the tag set. The same packing is used
 * on the wire, in the journal and for query results. A `struct kv` owns its bytes; iterators borrow. */
#ifndef VOCABULARY_KV_H
#define VOCABULARY_KV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/span.h"

#ifdef __cplusplus
extern "C" {
#endif

enum kv_tag {
    KV_NONE = 0,
    KV_INT = 1,
    KV_TEXT = 2,
    KV_BINARY = 3,
    KV_LIST = 4,
    KV_FLOAT = 5,
    KV_BOOL = 6,
    KV_TIME = 7
};

/* Returns microseconds as whole seconds, rounded down, as SQL stores durations and times. */
int64_t kv_seconds(int64_t us);

enum { KV_BYTES_MAX = 32000, KV_DEPTH_MAX = 16 };

struct kv_value {
    enum kv_tag tag;
    bool secret;
    int64_t word;     /* int, bool, time (us) */
    double number;    /* float */
    struct span span; /* text, binary; list: its packed pairs */
};

struct kv_pair {
    struct span key;
    struct kv_value value;
};

/* Owned, growing list. */
struct kv {
    uint8_t *bytes;
    size_t length, capacity;
    size_t open[KV_DEPTH_MAX]; /* positions where the lists being written begin */
    unsigned depth;
};

void kv_init(struct kv *);
void kv_free(struct kv *);
void kv_clear(struct kv *);
struct span kv_span(const struct kv *);

void kv_put(struct kv *, struct span key, const struct kv_value *);
void kv_put_int(struct kv *, const char *key, int64_t);
void kv_put_text(struct kv *, const char *key, struct span);
void kv_put_bool(struct kv *, const char *key, bool);
void kv_put_time(struct kv *, const char *key, int64_t us);
void kv_put_none(struct kv *, const char *key);
void kv_list_begin(struct kv *, struct span key); /* pairs added until kv_list_end belong to the nested list */
void kv_list_end(struct kv *);

/* Reads the pair at `*at` and moves `*at` to the next one; false at the end. The span must have been checked by
 * kv_check. */
bool kv_next(struct span list, uint32_t *at, struct kv_pair *);
/* Finds the value of the first pair with that key; false if there is none. The span must have been checked by
 * kv_check. */
bool kv_find(struct span list, struct span key, struct kv_value *);
bool kv_has(struct span list, struct span key);
/* Finds the first pair with that key, as CTI clients look it up; false if there is none. */
bool kv_get(struct span list, const char *key, struct kv_value *);
/* Copies the next part of a list that is too long for one message: adds the pairs from `*at` on, as many as one
 * message takes and at least one, to `into`, as its only list `key`. */
void kv_part(struct span list, uint32_t *at, const char *key, struct kv *into);
/* True: the list is well-formed, within limits, and its texts are UTF-8. */
bool kv_check(struct span list, struct error *);

#ifdef __cplusplus
}
#endif

#endif
