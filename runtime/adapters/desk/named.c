/* runtime/adapters/desk/named.c - Puts the names of contacts beside what lists show; in the store's thread.
 *
 * A queue's rows come from the core, which knows addresses. The store knows whose they are, unless an address was only
 * typed, and which rows belong to one thread. A contact who is closed to the agent has no name here. */
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

struct named_found {
    int64_t contact, thread;
};

static void named_take_interaction(void *self, const struct store_shown *shown)
{
    *(struct named_found *)self =
        (struct named_found){.contact = shown->unverified ? 0 : shown->contact, .thread = shown->thread};
}

static bool named_row(struct store *store, struct desk_job *job, const struct desk_closed *closed, json_t *row)
{
    struct store_key key;
    struct named_found found = {0};
    struct span external_id = desk_span(row, "external_id");
    if (external_id.length == 0) return true;
    if (!store_by_external(store, TENANT, desk_text(row, "media"), external_id, &key, &job->error)) return false;
    if (key.interaction == 0) return true;
    if (!store_interaction(store, key.interaction, named_take_interaction, &found, &job->error)) return false;
    if (found.thread != 0) json_object_set_new(row, "thread", json_integer(found.thread));
    return named_put(store, job, closed, row, found.contact);
}

/* Names the rows `items` of job->params, which are the answer. */
bool desk_keep_names(struct store *store, struct desk_job *job)
{
    struct desk_closed closed;
    json_t *items = json_object_get(job->params, "items");
    bool good = acts_closed_read(store, job, &closed);
    for (size_t i = 0; good && i < json_array_size(items); i++)
        good = named_row(store, job, &closed, json_array_get(items, i));
    return good;
}
