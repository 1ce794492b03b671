/* runtime/core/directory/import.h - The directory's rows come in by events and are in force when they are committed. */
#ifndef CORE_DIRECTORY_IMPORT_H
#define CORE_DIRECTORY_IMPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/site/business.h"
#include "runtime/vocabulary/message.h"

struct core;
struct directory;

/* One row of what is staged, or the parts of one table. Begins as all zero; its rows are freed by the next, or by
 * whoever stops before the end. */
struct staged {
    uint32_t at; /* of what follows */
    unsigned table;
    struct span key, row; /* row: empty takes it away */
    int64_t until_us;
    bool is_rows;     /* of a business table: */
    struct business rows; /* sorted */
    bool damaged;     /* too large, or a part is missing */
};
bool staged_next(const struct directory *, struct staged *);

void core_directory_on_row(struct core *, const struct message *);
void core_directory_on_commit(struct core *, const struct message *);
void core_directory_on_activate(struct core *, const struct message *);
/* Tells a link with calls what it must know of all routing points, or of one. */
void core_directory_configure_link(struct core *, unsigned link);

#endif
