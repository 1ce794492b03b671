/* runtime/adapters/conversation/event.c - Posts the events of conversations to the core. Events keep the order in
 * which they are posted, also while there is no credit (outbox). */
#include <inttypes.h>
#include <stdio.h>

#include "runtime/adapters/conversation/internal.h"

struct writer *conversation_event(struct conversation *conversation, unsigned kind, uint64_t ref)
{
    struct writer *writer = &conversation->all->writer;
    writer_clear(writer);
    writer_begin(writer, kind);
    writer_u(writer, ENVELOPE_ixn, conversation->ixn);
    writer_u(writer, ENVELOPE_ref, ref);
    writer_conn(writer, ENVELOPE_conn, conversation->conn);
    return writer;
}

void conversation_post(struct conversations *all)
{
    outbox_post(&all->outbox, writer_end(&all->writer));
}

void conversation_blob(struct writer *writer, unsigned field, const struct keep_part *part)
{
    char key[24];
    if (part->length == 0) return;
    snprintf(key, sizeof key, "%" PRId64, part->part);
    writer_blob_begin(writer, field);
    writer_text(writer, Blob_store, "contacts"); /* the same name as the plugin `email` uses */
    writer_text(writer, Blob_key, key);
    writer_u(writer, Blob_length, part->length);
    writer_bytes(writer, Blob_sha256, (struct span){part->sha256, sizeof part->sha256});
    writer_text(writer, Blob_media_type, part->type);
    writer_blob_end(writer);
}
