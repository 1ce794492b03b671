/* runtime/core/people/lead.h - Which supervisor leads which groups and queues.
 *
 *     table group_lead:  support/anna      anna leads the agents of the group support
 *     table queue_lead:  billing/anna      anna leads what waits in the queue billing
 *
 * A supervisor of whom the directory has no row leads everybody, as all did before there were such rows. The rows come
 * from the directory; a change is in force from its commit on. A directory with more rows than there is room for is
 * refused whole (directory/import.c): a row that was left out would let its supervisor lead everybody. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct agent;
struct names;

enum lead_kind { LEAD_GROUP, LEAD_QUEUE };
enum { LEADS_MAX = 8192 };

struct leadership {
    uint32_t person, of; /* names of the supervisor, and of the group or queue */
    uint8_t kind;        /* enum lead_kind */
};

struct leads {
    const struct names *names;
    struct leadership *all;
    uint32_t count, capacity;
    uint64_t content; /* sum of the hashes of the rows */
};

/* Takes a row of the directory; `there` is false if the directory has it no more. Names 0 are passed over. */
void lead_row(struct leads *, enum lead_kind, uint32_t of, uint32_t person, bool there);
/* Called before all rows of a whole directory come: removes those of the directory before. */
void leads_forget(struct leads *);

/* True: the directory says whom the person leads. False: the person leads everybody. */
bool lead_is_bounded(const struct leads *, uint32_t person);
/* True: the person leads that group or queue by a row. */
bool lead_has(const struct leads *, uint32_t person, enum lead_kind, uint32_t of);
/* True: the agent is in a group that the person leads by a row. */
bool lead_has_agent(const struct leads *, uint32_t person, const struct agent *);
