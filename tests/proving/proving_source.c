/* tests/proving/proving_source.c - A data source: a strategy's write is done at once, and the answer comes later,
 * sometimes too late, or after the core that asked is dead.
 *
 * A write has the class `once`: nobody may do it a second time, whatever became of the first. */
#include <inttypes.h>
#include <stdlib.h>

#include "tests/proving/proving_state.h"
#include "runtime/vocabulary/effects_host.h"
#include "runtime/vocabulary/events_host.h"
#include "base/memory.h"

enum { WRITES_US = 5000000 };

void proving_source_free(struct proving *world)
{
    free(world->writes);
}

void proving_source_effect(struct proving_node *node, struct span frame)
{
    struct proving *world = node->world;
    struct message effect;
    struct error error = {0};
    if (!message_read(&effect, frame.bytes, frame.length, &error)) {
        proving_fail(world, "an effect that is none: %s", error.text);
        return;
    }
    if (effect.kind != KIND_Query) return;
    struct proving_write write = {.ixn = message_u(&effect, ENVELOPE_ixn),
                                  .ref = message_u(&effect, ENVELOPE_ref),
                                  .conn = message_u(&effect, ENVELOPE_conn),
                                  .node = node->number,
                                  .life = node->life};
    for (uint32_t i = 0; i < world->write_count; i++)
        if (world->writes[i].ixn == write.ixn && world->writes[i].ref == write.ref)
            proving_fail(world, "interaction %" PRIx64 " has written twice", write.ixn);
    world->writes = memory_more(world->writes, world->write_count, sizeof *world->writes);
    proving_plan(world, 2000 + proving_drawn(world, PROVING_WORKS, write.ixn << 8 | write.ref, WRITES_US), DUE_WRITTEN,
                 world->write_count, 0);
    world->writes[world->write_count++] = write;
}

void proving_source_written(struct proving *world, uint32_t at)
{
    const struct proving_write *write = &world->writes[at];
    struct proving_node *node = &world->nodes[write->node];
    struct writer *writer = &world->writer;
    struct kv value;
    if (!node->partition || node->life != write->life || node->silent) return;
    kv_init(&value);
    kv_put_int(&value, "changed", 1);
    writer_clear(writer);
    writer_begin(writer, KIND_EventDone);
    writer_u(writer, ENVELOPE_source, SOURCE_HOST);
    writer_u(writer, ENVELOPE_ixn, write->ixn);
    writer_u(writer, ENVELOPE_ref, write->ref);
    writer_conn(writer, ENVELOPE_conn, write->conn);
    writer_u(writer, EventDone_outcome, outcome_ok);
    writer_kv(writer, EventDone_value, &value);
    partition_post(node->partition, writer_end(writer));
    kv_free(&value);
}
