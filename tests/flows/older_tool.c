/* tests/flows/older_tool.c - A state folder as one of an earlier semantics number that a gcxvm and an exchange work on:
 *
 *   older_tool STATE ADAPTER call|elsewhere|nothing|unread
 * appends a batch of the number before, with a call of the first link, with one of the last link, which nobody has,
 * with an event that is of no call, or with one that this program cannot read; and holds the locks of gcxvm and of the
 * adapter, whose lock is as short as in versions that end with their gcxvm. Prints `held`, and ends with standard
 * input. */
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "runtime/journal/batch.h"
#include "runtime/journal/place.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/message.h"

enum { SHORT_LOCK = 64 };

static void tool_append(struct batches *store, char what)
{
    struct batch last = {0};
    struct span bytes;
    struct writer writer;
    struct error error = {0};
    uint8_t hash[CORE_HASH];
    if (!batches_read(store, batches_last(store), &bytes, &error) || !batch_decode(&last, bytes, hash, &error))
        fprintf(stderr, "%s\n", error.text), exit(1);
    struct batch batch = last;
    memcpy(batch.previous, hash, sizeof hash);
    writer_init(&writer);
    writer_begin(&writer, KIND_EventCallCreated);
    writer_u(&writer, ENVELOPE_source, what == 'e' ? SOURCE_LINKS + LINKS_MAX - 1 : SOURCE_LINKS);
    writer_u(&writer, ENVELOPE_seq, 1000000);
    if (what != 'n') writer_conn(&writer, ENVELOPE_conn, 0x00106cd100000001);
    batch.events = writer_end(&writer);
    uint8_t frame[256];
    if (what == 'u' && batch.events.length <= sizeof frame) {
        memcpy(frame, batch.events.bytes, batch.events.length);
        frame[4] = frame[5] = UINT8_MAX; /* its kind */
        batch.events.bytes = frame;
    }
    batch.sealed = (struct span){0};
    batch.count = 1;
    batch.number++;
    batch.semantics--;
    uint8_t *out = memory_zeroed(batch_size(&batch), 1);
    batch_encode(&batch, out, hash);
    if (batches_append(store, batch.number, (struct span){out, (uint32_t)batch_size(&batch)}, &error) != APPEND_OK)
        fprintf(stderr, "%s\n", error.text), exit(1);
    free(out);
    writer_free(&writer);
}

static void tool_hold(const char *state, const char *name, off_t length)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    char *path = memory_format("%s/%s", state, name);
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || ftruncate(file, length) != 0 || fcntl(file, F_SETLK, &whole) != 0) perror(path), exit(1);
    free(path);
}

int main(int count, char **arguments)
{
    struct error error = {0};
    if (count != 4 || sodium_init() < 0) return 2;
    struct batches *store = place_open_again(arguments[1], &error);
    if (!store) return fprintf(stderr, "%s\n", error.text), 1;
    tool_append(store, *arguments[3]);
    batches_close(store);
    char *lock = memory_format("%s.lock", arguments[2]);
    tool_hold(arguments[1], "lock", 0);
    tool_hold(arguments[1], lock, SHORT_LOCK);
    free(lock);
    puts("held");
    fflush(stdout);
    while (getchar() != EOF) continue;
    return 0;
}
