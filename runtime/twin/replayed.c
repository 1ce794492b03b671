/* runtime/twin/replayed.c - Opens a journal, and counts what a rival tells. */
#include "runtime/twin/replayed.h"

#include "runtime/core/read/read.h"

bool replayed_open(struct replayed *r, struct batches *store, const char *state, struct natives *natives,
                   struct error *why)
{
    uint8_t first[CORE_HASH];
    r->store = store;
    if (store && batches_last(store) == 0) error_set(why, ERROR_UNKNOWN, "it is empty");
    r->recovery = (struct recovery){.store = store, .state = state, .core = &r->options};
    r->images = images_new(store, natives_bind, natives);
    r->options.image = images_get;
    r->options.self = r->images;
    if (store && why->code == ERROR_NONE) (void)journal_identity(&r->recovery, first, why);
    return why->code == ERROR_NONE;
}

static void replayed_on_outcome(void *self, const struct rival_outcome *outcome)
{
    struct replayed *r = self;
    if (outcome->arrived_us < r->since_us)
        r->before++;
    else
        tally_take(r->tally, outcome, core_wall(r->present) - (int64_t)core_time(r->present));
}

bool replayed_begin(struct replayed *r, struct rival_options options, struct error *error)
{
    options.options = &r->options;
    options.outcome = replayed_on_outcome;
    options.self = r;
    r->rival = rival_new(r->present, &options, error);
    return r->rival != NULL;
}

void replayed_count(struct replayed *r)
{
    r->tally->present_alone = rival_alone(r->rival, false);
    r->tally->candidate_alone = rival_alone(r->rival, true);
}

void replayed_end(struct replayed *r)
{
    if (r->rival) rival_end(r->rival);
}

void replayed_free(struct replayed *r)
{
    rival_free(r->rival);
    core_free(r->present);
    images_free(r->images);
    batches_close(r->store);
}
