/* runtime/debugger/retold_state.c - Creates and frees a teller. */
#include "runtime/debugger/retold_state.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/core.h"
#include "base/memory.h"

void teller_copy(char *to, struct span text)
{
    (void)snprintf(to, RETOLD_NAME_BYTES, "%.*s", (int)text.length, (const char *)text.bytes);
}

void teller_lacks(struct retold_teller *t, const char *format, ...)
{
    char line[RETOLD_LINE_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line, sizeof line, format, args);
    va_end(args);
    fflush(t->lacks);
    if (!strstr(t->lacks_text, line)) fprintf(t->lacks, "    // Not told: %s.\n", line); /* each once */
}

void teller_after(struct retold_teller *t)
{
    fputs("    after ", t->later);
    spell_us(t->later, (int64_t)(t->now_us - t->began_us));
    fputs(": ", t->later);
}

struct retold_teller *teller_new(struct past *past, uint64_t interaction)
{
    assert(past && interaction != 0);
    struct retold_teller *t = memory_zeroed(1, sizeof *t);
    t->past = past;
    t->ixn = interaction;
    t->hangs_up_us = UINT64_MAX;
    t->agents = retold_agents_new();
    t->places = retold_places_new();
    kv_init(&t->data);
    t->later = memory_stream(&t->later_text, &t->later_size);
    t->first = memory_stream(&t->first_text, &t->first_size);
    t->lacks = memory_stream(&t->lacks_text, &t->lacks_size);
    return t;
}

void teller_free(struct retold_teller *t)
{
    for (size_t i = 0; i < t->step_count; i++) {
        for (unsigned n = 0; n < t->steps[i].count; n++) free(t->steps[i].outcomes[n]);
        free(t->steps[i].call);
    }
    fclose(t->later);
    fclose(t->first);
    fclose(t->lacks);
    free(t->later_text);
    free(t->first_text);
    free(t->lacks_text);
    for (size_t i = 0; i < t->record_count; i++) kv_free(&t->records[i].data);
    free(t->records);
    free(t->open);
    free(t->queues);
    kv_free(&t->data);
    for (size_t i = 0; i < t->point_count; i++) kv_free(&t->points[i].given);
    free(t->points);
    retold_agents_free(t->agents);
    retold_places_free(t->places);
    core_free(t->core);
    free(t);
}
