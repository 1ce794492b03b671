/* runtime/adapters/desk/named.c - Puts the names of contacts beside what lists show; in the store's thread.
 *
 * A queue's rows come from the core, which knows addresses. The store knows whose they are, unless an address was only
 * typed, and which rows belong to one thread. A contact who is closed to the agent has no name here. */
#include <string.h>

#include "runtime/adapters/desk/desk.h"
#include "runtime/store/store.h"

#define TENANT ""

static void named_take_name(void *row, const struct store_contact *contact)
{
    desk_put_text(row, "name", contact->name);
}

bool named_put(struct store *store, struct desk_job *job, const struct desk_closed *closed, json_t *row,
               int64_t contact)
{
    if (contact == 0 || acts_closed_has(closed, contact)) return true;
    return store_contact(store, contact, named_take_name, row, &job->error);
}

struct named_list {
    json_t *items;
    const char *media;
    const struct desk_closed *closed;
};

static bool named_is_of(const json_t *row, const char *media)
{
    return strcmp(desk_text(row, "media"), media) == 0;
}

static void named_take(void *self, const struct store_named *found)
{
    const struct named_list *rows = self;
    for (size_t i = 0; i < json_array_size(rows->items); i++) {
        json_t *row = json_array_get(rows->items, i);
        if (!named_is_of(row, rows->media) || !span_equal(desk_span(row, "external_id"), found->external_id)) continue;
        if (found->thread != 0) json_object_set_new(row, "thread", json_integer(found->thread));
        if (found->contact != 0 && !acts_closed_has(rows->closed, found->contact))
            desk_put_text(row, "name", found->name);
    }
}

/* Names the rows of one medium: a query for each STORE_NAMED_MAX of them. */
static bool named_of_medium(struct store *store, struct desk_job *job, struct named_list *rows)
{
    struct span sought[STORE_NAMED_MAX];
    size_t count = 0, size = json_array_size(rows->items);
    bool good = true;
    for (size_t i = 0; good && i < size; i++) {
        const json_t *row = json_array_get(rows->items, i);
        struct span external_id = desk_span(row, "external_id");
        if (named_is_of(row, rows->media) && external_id.length > 0) sought[count++] = external_id;
        if (count == 0 || (count < STORE_NAMED_MAX && i + 1 < size)) continue;
        good = store_named(store, TENANT, rows->media, sought, count, named_take, rows, &job->error);
        count = 0;
    }
    return good;
}

/* Names the rows `items` of job->params, which are the answer. */
bool desk_keep_names(struct store *store, struct desk_job *job)
{
    struct desk_closed closed;
    struct named_list rows = {.items = json_object_get(job->params, "items"), .closed = &closed};
    bool good = acts_closed_read(store, job, &closed);
    for (size_t i = 0; good && i < json_array_size(rows.items); i++) {
        size_t before = 0;
        rows.media = desk_text(json_array_get(rows.items, i), "media");
        while (before < i && !named_is_of(json_array_get(rows.items, before), rows.media)) before++;
        good = before < i || named_of_medium(store, job, &rows);
    }
    return good;
}
