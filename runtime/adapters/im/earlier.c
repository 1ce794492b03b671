/* runtime/adapters/im/earlier.c - Reads transcripts: the thread, and its store. */
#include "runtime/adapters/im/earlier.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/worker.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/memory.h"
#include "runtime/vocabulary/why.h"

enum { EARLIER_LINES = 200 };

struct earlier {
    struct store *store;
    struct worker *worker;
    void (*told)(void *self, struct earlier_said *);
    void *self;
};

struct earlier_line {
    char *id, *text;
};

struct earlier_read {
    struct earlier_said *said;
    int64_t last;
    unsigned read;
    GQueue lines; /* of struct earlier_line: the last ones */
    size_t bytes;
};

static void earlier_said_free(void *self, void *given)
{
    struct earlier_said *said = given;
    (void)self;
    g_string_free(said->text, TRUE);
    g_hash_table_destroy(said->ids);
    free(said);
}

static void earlier_line_free(gpointer given)
{
    struct earlier_line *line = given;
    g_free(line->id), g_free(line->text);
    free(line);
}

/* The oldest lines give way; the last one stays, however long it is. */
static void earlier_line_add(void *self, const struct store_line *line)
{
    struct earlier_read *read = self;
    read->last = line->n;
    read->read++;
    bool person = !span_is(line->role, "bot") && !span_is(line->role, "system");
    if (line->text.length == 0 || !person) return;
    struct span who = line->sender.length > 0 ? line->sender : line->role;
    struct earlier_line *kept = memory_zeroed(1, sizeof *kept);
    kept->id = g_strndup((const char *)line->msg_id.bytes, line->msg_id.length);
    kept->text = g_strdup_printf("\n%.*s: %.*s", (int)who.length, (const char *)who.bytes, (int)line->text.length,
                                 (const char *)line->text.bytes);
    g_queue_push_tail(&read->lines, kept);
    read->bytes += strlen(kept->text);
    while (read->bytes > read->said->bytes_max && g_queue_get_length(&read->lines) > 1) {
        struct earlier_line *first = g_queue_pop_head(&read->lines);
        read->bytes -= strlen(first->text);
        read->said->left_out = true;
        earlier_line_free(first);
    }
}

static void earlier_work(void *self, void *given)
{
    const struct earlier *earlier = self;
    struct earlier_read read = {.said = given, .lines = G_QUEUE_INIT};
    struct error error;
    bool good = read.said->interaction != 0;
    do {
        read.read = 0;
        good = good && store_transcript(earlier->store, read.said->interaction, read.last, EARLIER_LINES, false,
                                        earlier_line_add, &read, &error);
    } while (good && read.read == EARLIER_LINES);
    if (read.said->left_out) g_string_append(read.said->text, "\n(Earlier words are left out.)");
    for (struct earlier_line *line; (line = g_queue_pop_head(&read.lines)); earlier_line_free(line)) {
        g_string_append(read.said->text, line->text);
        g_hash_table_add(read.said->ids, g_steal_pointer(&line->id));
    }
}

static void earlier_done(void *self, void *given)
{
    const struct earlier *earlier = self;
    earlier->told(earlier->self, given);
    earlier_said_free(self, given);
}

struct earlier *earlier_new(struct event_base *base, const char *store, const char *country,
                            void (*told)(void *self, struct earlier_said *), void *self, char *why, size_t why_size)
{
    struct error error;
    struct earlier *earlier = memory_zeroed(1, sizeof *earlier);
    earlier->told = told, earlier->self = self;
    earlier->store = store_open(store, &(struct store_options){.country = country}, &error);
    struct worker_calls calls = {
        .self = earlier, .work = earlier_work, .done = earlier_done, .dropped = earlier_said_free};
    if (earlier->store) earlier->worker = worker_new(base, &calls);
    if (earlier->worker) return earlier;
    why_set(why, why_size, "store: %s", earlier->store ? "no thread can be had" : error.text);
    earlier_free(earlier);
    return NULL;
}

void earlier_free(struct earlier *earlier)
{
    if (!earlier) return;
    worker_free(earlier->worker);
    store_close(earlier->store);
    free(earlier);
}

void earlier_ask(struct earlier *earlier, const char *agent, uint64_t ixn, int64_t interaction, size_t bytes_max)
{
    assert(agent && *agent);
    struct earlier_said *said = memory_zeroed(1, sizeof *said);
    g_strlcpy(said->agent, agent, sizeof said->agent);
    said->ixn = ixn, said->interaction = interaction, said->bytes_max = bytes_max;
    said->text = g_string_new(NULL);
    said->ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    worker_give(earlier->worker, said);
}
