/* runtime/post/body.c - Writes the parts of an item into events, by their names in the contact store.
 *
 * An event has no bytes of a part, but its name: store "contacts", key (the number of the part), length, digest and
 * type. A reader who needs the bytes asks the contact store for them. */
#include "runtime/post/body.h"

#include <glib.h>
#include <stdio.h>

#include "runtime/store/store.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/message.h"

void post_blob_of(struct post_blob *blob, const struct store_part_shown *shown)
{
    *blob = (struct post_blob){.part = shown->part, .length = (uint64_t)shown->length};
    for (size_t i = 0; i < sizeof blob->sha256 && shown->digest.length == 2 * sizeof blob->sha256; i++)
        blob->sha256[i] = (uint8_t)(g_ascii_xdigit_value((gchar)shown->digest.bytes[2 * i]) << 4 |
                                    g_ascii_xdigit_value((gchar)shown->digest.bytes[2 * i + 1]));
    text_set_span(blob->type, sizeof blob->type, shown->type);
}

void post_blob_write(struct writer *writer, const struct post_blob *blob)
{
    char key[32];
    snprintf(key, sizeof key, "%lld", (long long)blob->part);
    writer_text(writer, Blob_store, "contacts");
    writer_text(writer, Blob_key, key);
    writer_u(writer, Blob_length, blob->length);
    writer_bytes(writer, Blob_sha256, (struct span){blob->sha256, sizeof blob->sha256});
    writer_text(writer, Blob_media_type, blob->type);
}

/* Called for each part. Parts beyond POST_PARTS are left out of the event; the store still has them. */
void post_body_take(void *self, const struct store_part_shown *shown)
{
    struct post_body *body = self;
    if (span_is(shown->role, "text"))
        post_blob_of(&body->text, shown);
    else if (span_is(shown->role, "envelope"))
        body->envelope = shown->part;
    else if (body->count < POST_PARTS)
        post_blob_of(&body->parts[body->count++], shown);
}

void post_body_write(struct writer *writer, const struct post_body *body)
{
    writer_blob_begin(writer, Submit_body);
    post_blob_write(writer, &body->text);
    writer_blob_end(writer);
    writer_list_begin(writer, Submit_parts);
    for (unsigned i = 0; i < body->count; i++) {
        writer_record_begin(writer);
        post_blob_write(writer, &body->parts[i]);
        writer_record_end(writer);
    }
    writer_list_end(writer);
}
