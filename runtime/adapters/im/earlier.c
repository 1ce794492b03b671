/* runtime/adapters/im/earlier.c - Reads the earlier messages of a conversation, in the thread of the post office.
 *
 * An expert who is asked into a conversation is shown its earlier messages. The thread of the post office reads them in
 * pages; the last lines that fit into the limit are kept. The ids of these lines are kept, too, so that a line that
 * also comes as a new message is shown once. */
#include "runtime/adapters/im/earlier.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/post/office.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"

enum { EARLIER_LINES = 200 };

struct earlier_line {
    char *id, *text;
};

struct earlier_read {
    struct earlier_said *said;
    int64_t last;
    unsigned read;
    GQueue lines; /* of struct earlier_line: the last lines */
    size_t bytes;
};

static void earlier_said_free(void *self)
{
    struct earlier_said *said = self;
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

/* Adds a line; the oldest lines are dropped if there are too many bytes, but the last one stays, however long it is. */
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

/* Reads the lines; the expert joins even if they cannot be read. */
static bool earlier_work(void *self, struct store *store, struct error *error)
{
    struct earlier_read read = {.said = self, .lines = G_QUEUE_INIT};
    bool good = read.said->interaction != 0;
    do {
        read.read = 0;
        good = good && store_transcript(store, read.said->interaction, read.last, EARLIER_LINES, false,
                                        earlier_line_add, &read, error);
    } while (good && read.read == EARLIER_LINES);
    if (read.said->left_out) g_string_append(read.said->text, "\n(Earlier words are left out.)");
    for (struct earlier_line *line; (line = g_queue_pop_head(&read.lines)); earlier_line_free(line)) {
        g_string_append(read.said->text, line->text);
        g_hash_table_add(read.said->ids, g_steal_pointer(&line->id));
    }
    return good;
}

static void earlier_done(void *self, bool good, const struct error *error)
{
    struct earlier_said *said = self;
    (void)good, (void)error;
    said->told(said->self, said);
}

/* `told` is called in the loop, even if nothing could be read; the result is freed after it. */
void earlier_ask(struct office *office, void (*told)(void *self, struct earlier_said *), void *self, const char *agent,
                 uint64_t ixn, int64_t interaction, size_t bytes_max)
{
    assert(agent && *agent);
    struct earlier_said *said = memory_zeroed(1, sizeof *said);
    g_strlcpy(said->agent, agent, sizeof said->agent);
    said->ixn = ixn, said->interaction = interaction, said->bytes_max = bytes_max;
    said->told = told, said->self = self;
    said->text = g_string_new(NULL);
    said->ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    office_errand(office, &(struct post_errand){
                              .self = said, .work = earlier_work, .done = earlier_done, .free = earlier_said_free});
}
