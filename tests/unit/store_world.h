/* tests/unit/store_world.h - A contact store for the tests: in a file of its own, or in the database that
 * GCX_PG_CONNINFO names, whose tables are then dropped before. */
#pragma once

#include <criterion/criterion.h>

#include "runtime/store/store.h"

struct store_world {
    char folder[64], target[256];
    struct store *store;
    struct error error;
};

void world_new(struct store_world *);
void world_free(struct store_world *);
void world_again(struct store_world *); /* closed and opened */
/* The database's answer, the cells of a row separated by |, the rows by a line end. */
const char *world_asks(const struct store_world *, const char *sql);
bool world_is_file(const struct store_world *);

/* An e-mail from somebody; all texts of it by their zeros. */
struct store_key world_mail(struct store_world *, const char *id, const char *from, const char *subject,
                            const char *text);
/* The interactions of a list, as "subject subject ". */
void world_list(void *out, const struct store_shown *);
struct listed {
    char text[512];
};

#define GOOD(call) cr_assert((call), "%s", world.error.text)
