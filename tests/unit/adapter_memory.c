/* tests/unit/adapter_memory.c - Carrying bytes from one end of a link to the other. */
#include "tests/unit/adapter_memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* A copy, as a socket makes one: feeding makes new output, which may move what is being read. */
static uint8_t *memory_take_chunk(struct span output, size_t chunk, size_t *length)
{
    *length = chunk && chunk < output.length ? chunk : output.length;
    uint8_t *copy = memory_grown(NULL, *length, 1);
    memcpy(copy, output.bytes, *length);
    return copy;
}

bool memory_pump(struct link_client *client, struct link_server *server, size_t chunk, uint64_t now_us)
{
    bool good = true, moved = true;
    while (good && moved) {
        moved = false;
        size_t length;
        struct span output = link_client_output(client);
        if (output.length > 0 && !link_server_blocked(server)) {
            uint8_t *bytes = memory_take_chunk(output, chunk, &length);
            link_client_sent(client, length);
            good = link_server_feed(server, bytes, length, now_us);
            free(bytes);
            moved = true;
        }
        output = link_server_output(server);
        if (output.length > 0) {
            uint8_t *bytes = memory_take_chunk(output, chunk, &length);
            link_server_sent(server, length);
            good = link_client_feed(client, bytes, length, now_us) && good;
            free(bytes);
            moved = true;
        }
    }
    if (good) return true;
    struct span last = link_server_output(server); /* why, and that it is over */
    if (last.length > 0) link_client_feed(client, last.bytes, last.length, now_us);
    link_server_lost(server, "the connection was closed");
    link_client_lost(client, "the connection was closed");
    return false;
}
