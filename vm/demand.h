/* vm/demand.h - The demands of a leaf function on a candidate, read from its code: levels of skills and memberships of
 * groups. So an index finds the candidates, and most of them are judged without running the function.
 *
 * A demand is a list of clauses. A candidate matches only if it fulfils all terms of one of them. */
#pragma once

#include "vm/image.h"

enum { DEMAND_TERMS = 4, DEMAND_CLAUSES = 8, DEMAND_LEVEL_MAX = 100 };

struct demand_term {
    uint32_t name;  /* index of the image's names table */
    uint16_t type;  /* TYPE_SKILL, TYPE_GROUP, TYPE_AGENT (the name is the agent's word) or TYPE_PLACE */
    uint16_t least; /* the least level of the skill, 1 to DEMAND_LEVEL_MAX; of others 1 */
};

struct demand_clause {
    struct demand_term terms[DEMAND_TERMS];
    uint16_t line; /* left to the caller */
    uint8_t count; /* of terms; 0: the clause demands nothing */
    bool open;     /* the terms are not all: only the function itself knows whether the candidate matches */
};

/* Reads what the function demands when it is called with these captured values. Writes at most DEMAND_CLAUSES clauses
 * and returns their number. 0: nobody matches. */
uint32_t demand_read(const struct image *, uint16_t function, const uint64_t *captures, uint32_t count,
                     struct demand_clause *clauses);
/* True: the function asks what the candidate does or has done, which changes all the time. */
bool demand_asks_figures(const struct image *, uint16_t function);
/* True: the function of an order asks by which line the candidate is taken. */
bool demand_asks_line(const struct image *, uint16_t function);
/* True: the function's result is always the candidate's level of one skill; `skill` receives it. */
bool demand_is_level(const struct image *, uint16_t function, const uint64_t *captures, uint32_t count,
                     uint32_t *skill);
