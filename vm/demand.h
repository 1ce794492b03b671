/* vm/demand.h - What a leaf function demands of a candidate, read from its code: levels of skills and memberships of
 * groups. So an index can find the candidates, and most are decided without running the function.
 *
 * A demand is a list of clauses. A candidate matches only if it fulfils all terms of at least one clause. */
#pragma once

#include "vm/image.h"

enum { DEMAND_TERMS = 4, DEMAND_CLAUSES = 8, DEMAND_LEVEL_MAX = 100 };

struct demand_term {
    uint32_t name;  /* index in the image's table of names */
    uint16_t type;  /* TYPE_SKILL, TYPE_GROUP, TYPE_AGENT (the name is the agent's word) or TYPE_PLACE */
    uint16_t least; /* the least level of the skill, 1 to DEMAND_LEVEL_MAX; otherwise 1 */
};

struct demand_clause {
    struct demand_term terms[DEMAND_TERMS];
    uint16_t line;  /* set by the caller of demand_read(): the clause's line */
    uint16_t class; /* set by the caller of demand_read(): the class of preferences of the line's queue */
    uint8_t count;  /* number of terms; 0: the clause demands nothing */
    bool open;      /* there are further conditions: only the function itself can decide about the candidate */
};

/* Reads what the function demands when it is called with the given captured values. Writes at most DEMAND_CLAUSES
 * clauses and returns how many. 0: nobody matches. */
uint32_t demand_read(const struct image *, uint16_t function, const uint64_t *captures, uint32_t count,
                     struct demand_clause *clauses);
/* True: the function asks what the candidate is doing or has done, which changes all the time. */
bool demand_asks_figures(const struct image *, uint16_t function);
/* True: the function orders candidates, and asks by which line the candidate is taken. */
bool demand_asks_line(const struct image *, uint16_t function);
/* True: the function's result is always the candidate's level of one skill; `skill` is set to it. */
bool demand_is_level(const struct image *, uint16_t function, const uint64_t *captures, uint32_t count,
                     uint32_t *skill);
