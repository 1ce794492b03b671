/* runtime/daemon/admin/admin_post.c - Posts the events of an act to the core, after a check that the core will
 * answer. */
#include "runtime/daemon/admin/admin_acts.h"
#include "runtime/daemon/service/daemon.h"
#include "runtime/vocabulary/message.h"

bool act_events_post(struct daemon *daemon, struct writer *writer, struct act_wait *wait, struct error *error)
{
    struct message message;
    size_t at, size;
    (void)writer_end(writer);
    wait->reply = true;
    for (at = 0; wait->reply && at < writer->length; at += size) {
        size = message_frame_size(writer->bytes + at, writer->length - at);
        wait->reply = message_read(&message, writer->bytes + at, size, error);
    }
    for (at = 0; wait->reply && at < writer->length; at += size) {
        size = message_frame_size(writer->bytes + at, writer->length - at);
        engine_post(daemon->engine, SOURCE_ADMIN, (struct span){writer->bytes + at, (uint32_t)size});
    }
    writer_free(writer);
    return wait->reply;
}
