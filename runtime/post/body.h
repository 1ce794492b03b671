/* runtime/post/body.h - The parts of an item as events name them: by their keys in the contact store, never by their
 * bytes. */
#pragma once

#include <stdint.h>

struct store_part_shown;
struct writer;

enum { POST_PARTS = 60, POST_TYPE = 101 };

struct post_blob {
    int64_t part;
    uint64_t length;
    uint8_t sha256[32];
    char type[POST_TYPE];
};

struct post_body {
    struct post_blob text;
    struct post_blob parts[POST_PARTS]; /* the first parts; the store has all parts */
    unsigned count;
    int64_t envelope; /* number of the part that only the plugin reads; 0: none */
};

void post_blob_of(struct post_blob *, const struct store_part_shown *);
void post_blob_write(struct writer *, const struct post_blob *);
/* A callback for store_parts(): adds a part. */
void post_body_take(void *body, const struct store_part_shown *);
void post_body_write(struct writer *, const struct post_body *); /* writes the parts into the fields of a Submit */
